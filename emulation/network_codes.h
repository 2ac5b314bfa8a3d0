#pragma once

#include <memory>
#include <string>
#include <vector>

#include "inference/formats/encoded_network.h"
#include "model/protection/protection.h"

namespace brownout {

/// The meaning of the codes of a network, as its number format defines it. Keeps nothing of the
/// network but its formats.
class NetworkCodes final : public CodeValues {
 public:
    explicit NetworkCodes(const EncodedNetwork& network);

    double value(std::uint32_t tensor, std::uint64_t element, Code code) const override {
        return formats_[tensor]->decode(code, element);
    }
    Code zeroCode(std::uint32_t tensor, std::uint64_t element) const override {
        return formats_[tensor]->zero(element);
    }

 private:
    std::vector<std::shared_ptr<const TensorFormat>> formats_;
};

/// Checks that a protection serves the codes of every tensor of a network. Throws Error naming the
/// protection if it doesn't.
void requireCodes(const Protection& protection, const EncodedNetwork& network);

/// Makes the protection of this name for words of `wordBits` bits that hold the codes of a network.
/// Throws as makeProtection and requireCodes do.
std::shared_ptr<const Protection> protectionFor(const std::string& name, std::uint32_t wordBits,
                                                const EncodedNetwork& network);

}  // namespace brownout
