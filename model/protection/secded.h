#pragma once

#include <array>

#include "model/protection/protection.h"

namespace brownout {

/// Hsiao's (72,64) code (hsiao.h): one wrong bit, also a check bit, is corrected; two are detected
/// and the data returned as they were read. Three or more may look like one and be "corrected" to
/// something else. Shorter words are those whose missing high bits are 0 and never fail: a syndrome
/// that points to one of them is detected.
class SecdedProtection final : public Protection {
 public:
    /// Makes the protection of words of `wordBits` bits. Throws Error if they are fewer than the
    /// check bits.
    explicit SecdedProtection(std::uint32_t wordBits);

    std::string name() const override { return "secded"; }

    /// Returns the check bits of a word, worked out bit by bit as the matrix says: the oracle of
    /// `encode`.
    static std::uint8_t encodeByRows(Word data);

 private:
    std::uint8_t encodeBlock(Span<Word> block) const override;
    WordStatus decodeBlock(Span<Word> block, std::uint8_t check) const override;

    /// The bit to flip, by syndrome: 64 + j for check bit j, or kNoBit.
    std::array<std::uint8_t, 256> bitOfSyndrome_{};
};

}  // namespace brownout
