#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sim/rtl_model.h"

namespace brownout {

/// A buffer and what its address means.
struct RtlBufferModel {
    std::unique_ptr<RtlModel> model;
    std::string name;  ///< name of the top module
    std::uint32_t dataBits = 64;
    std::uint64_t words = 0;  ///< words that an address can name
    /// Words of a bank, whose number is the high part of the address: data array i is bank i. 0:
    /// the address is the number of the data word.
    std::uint32_t rowsPerBank = 0;
};

/// Makes our own weight buffer, verilated with Banks = 32, Rows = 512, DataWidth = 64 and the
/// protection that `codec` names. Returns null if there is none with that protection.
std::unique_ptr<RtlModel> makeBuiltInBuffer(const std::string& codec);

}  // namespace brownout
