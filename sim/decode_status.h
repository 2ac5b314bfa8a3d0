#pragma once

#include <tlm>
#include <vector>

#include "model/protection/protection.h"

namespace brownout {

/// The decoder's status of each word of a read, for initiators that care: an ignorable extension of
/// the generic payload. An initiator hangs it on its transaction, the target fills it; a target
/// that doesn't know it leaves it alone. The data of a transaction are the same with and without.
struct DecodeStatusExtension final : tlm::tlm_extension<DecodeStatusExtension> {
    std::vector<WordStatus> statuses;  ///< statuses, one a word of the transaction

    tlm::tlm_extension_base* clone() const override { return new DecodeStatusExtension(*this); }
    void copy_from(const tlm::tlm_extension_base& other) override {
        statuses = static_cast<const DecodeStatusExtension&>(other).statuses;
    }
};

}  // namespace brownout
