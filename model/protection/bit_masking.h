#pragma once

#include "model/protection/protection.h"

namespace brownout {

/// The bits that share a parity bit.
enum class MaskingParity {
    kBit,   ///< the bits of one position, of all weights of the word
    kCode,  ///< the bits of one weight
};

/// Bit masking as in Minerva (Reagen et al., ISCA 2016), which replaces a bit known to be wrong by
/// the sign bit of its weight and so moves the weight towards 0. Minerva finds wrong bits with
/// Razor flip-flops on the columns; here parity bits in the same failing memory find them, which
/// see odd numbers of wrong bits only. Codes are in two's complement.
///
/// kBit ("bit-masking"): check bit i is the even parity of bit i of all weights of the word. If it
/// fails, bit i of each of them becomes that weight's sign bit; if that of the sign fails, no bit
/// can be trusted to stand in and the whole word reads as 0.
///
/// kCode ("bit-masking-weight"): check bit k is the even parity of weight k, counted from bit 0 of
/// the word. If it fails, all bits of the weight become its sign bit: it reads as 0 or -1.
class BitMasking final : public Protection {
 public:
    /// Makes the protection of words that hold codes of `codeBits` bits. Throws Error unless the
    /// word is a whole number of codes and needs at most 8 check bits.
    BitMasking(std::uint32_t wordBits, std::uint32_t codeBits, MaskingParity parity);

    std::string name() const override;
    /// Returns no bits: what was wrong is masked already, and may be used.
    Word worthlessBits(const DecodedWord&) const override { return 0; }
    /// Throws Error unless codes are in two's complement and of the protection's width.
    void requireCodes(const WordCodes& codes, const CodeValues& values) const override;

 private:
    std::uint8_t encodeBlock(Span<Word> block) const override;
    WordStatus decodeBlock(Span<Word> block, std::uint8_t check) const override;

    Word codeMask() const { return (Word{1} << codeBits_) - 1; }

    std::uint32_t codeBits_;
    std::uint32_t codes_;  ///< codes of a word
    MaskingParity parity_;
    Word lowest_ = 0;  ///< bit 0 of every code
};

}  // namespace brownout
