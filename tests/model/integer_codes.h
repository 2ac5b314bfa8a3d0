#pragma once

#include <vector>

#include "model/word_codes.h"

namespace brownout::test {

/// Codes in two's complement that mean their integer.
class IntegerCodes final : public CodeValues {
 public:
    explicit IntegerCodes(std::uint32_t bits) : bits_(bits) {}
    double value(std::uint32_t, std::uint64_t, Code code) const override {
        const auto half = std::int64_t{1} << (bits_ - 1);
        const auto signless = static_cast<std::int64_t>(code);
        return static_cast<double>(signless >= half ? signless - 2 * half : signless);
    }
    Code zeroCode(std::uint32_t, std::uint64_t) const override { return 0; }

 private:
    std::uint32_t bits_;
};

/// Words full of codes of `bits` bits, the first in the lowest bits.
inline std::vector<WordCodes> fullWords(std::size_t words, std::uint32_t wordBits,
                                        std::uint32_t bits) {
    std::vector<WordCodes> all(words);
    for (std::size_t i = 0; i < words; ++i) {
        all[i].bits = bits;
        all[i].count = wordBits / bits;
        all[i].first = i * all[i].count;
        all[i].stride = static_cast<std::int32_t>(bits);
    }
    return all;
}

}  // namespace brownout::test
