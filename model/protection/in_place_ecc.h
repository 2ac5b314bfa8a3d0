#pragma once

#include <array>

#include "model/protection/protection.h"

namespace brownout {

/// Makes the table of the (64,57) code that keeps its check bits inside a word of eight 8-bit
/// weights. Column i of the parity check matrix is the syndrome of an error in bit i of the stored
/// word. The columns are the 64 patterns of seven bits with an odd number of ones, each once; an
/// error of two bits, whose syndrome has an even number, is never taken for one of one bit.
///
/// The rule: check bit j is bit 6 of byte j, j = 0 to 6, and has column 1 << j. The other 57 bits,
/// ascending, have the patterns of three, five and seven ones, ascending.
constexpr std::array<std::uint8_t, 64> makeInPlaceColumns() {
    std::array<std::uint8_t, 64> columns{};
    for (unsigned j = 0; j < 7; ++j) columns[8 * j + 6] = static_cast<std::uint8_t>(1U << j);
    unsigned pattern = 0;
    for (unsigned bit = 0; bit < 64; ++bit) {
        if (columns[bit] != 0) continue;
        unsigned ones = 0;
        do {
            ++pattern;
            ones = 0;
            for (unsigned i = 0; i < 7; ++i) ones += pattern >> i & 1U;
        } while (ones % 2 == 0 || ones == 1);
        columns[bit] = static_cast<std::uint8_t>(pattern);
    }
    return columns;
}

constexpr std::array<std::uint8_t, 64> kInPlaceColumns = makeInPlaceColumns();

/// In-place zero-space ECC (Guan et al., NeurIPS 2019): SECDED without a cell for its check bits.
/// Seven of the eight weights of a 64-bit word, bytes 0 to 6, are held in [-64, 63] by preparation;
/// their bit 6 then repeats their sign, and its cell holds a check bit of the (64,57) code. The
/// weight of byte 7 keeps its range. One wrong bit of the 64 is corrected, two are detected and
/// the data returned as they were read; three or more look like one.
///
/// Serves words of 64 bits that hold 8-bit codes in two's complement.
class InPlaceEcc final : public Protection {
 public:
    /// Makes the protection. Throws Error unless words have 64 bits.
    explicit InPlaceEcc(std::uint32_t wordBits);

    std::string name() const override { return "in-place-ecc"; }
    bool altersData() const override { return true; }
    /// Throws Error unless codes are of 8 bits and in two's complement.
    void requireCodes(const WordCodes& codes, const CodeValues& values) const override;
    /// Holds the weights of bytes 0 to 6 in [-64, 63].
    void prepare(Span<Word> block, Span<const WordCodes> codes,
                 const CodeValues& values) const override;

 private:
    std::uint8_t encodeBlock(Span<Word> block) const override;
    WordStatus decodeBlock(Span<Word> block, std::uint8_t check) const override;

    std::array<std::uint8_t, 128> bitOfSyndrome_{};  ///< the bit to flip, or 64 for none
};

}  // namespace brownout
