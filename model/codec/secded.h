#pragma once

#include <array>

#include "model/codec/codec.h"

namespace brownout {

/// Hsiao's (72,64) code (hsiao.h): one wrong bit, also a check bit, is corrected; two are detected
/// and the data returned as they were read. Three or more may look like one and be "corrected" to
/// something else. Shorter words are those whose missing high bits are 0 and never fail: a syndrome
/// that points to one of them is detected.
class SecdedCodec final : public Codec {
 public:
    /// Throws Error if a word has fewer bits than check bits.
    explicit SecdedCodec(std::uint32_t wordBits);

    std::string name() const override { return "secded"; }
    std::uint8_t encode(Word data) const override;
    DecodedWord decode(CodedWord read) const override;

    /// The oracle beside `encode`: bit by bit as the matrix says.
    static std::uint8_t encodeByRows(Word data);

 private:
    /// By syndrome: the bit to flip, 64 + j for check bit j, or kNoBit.
    std::array<std::uint8_t, 256> bitOfSyndrome_{};
};

}  // namespace brownout
