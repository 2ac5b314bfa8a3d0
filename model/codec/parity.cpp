#include "model/codec/parity.h"

#include "base/error.h"

namespace brownout {
namespace {

std::uint8_t parityOf(Word word) { return static_cast<std::uint8_t>(__builtin_parityll(word)); }

/// Bit i of `bits` in all eight bits of byte i.
Word spreadToBytes(std::uint8_t bits) {
    // Byte i keeps bit i alone; adding 0x7F carries it, and nothing else, to the byte's highest
    // bit.
    const Word alone = bits * Word{0x0101010101010101} & 0x8040201008040201;
    return ((alone + 0x7F7F7F7F7F7F7F7F) >> 7 & 0x0101010101010101) * 0xFF;
}

std::uint32_t bytesOf(std::uint32_t wordBits) {
    if (wordBits % 8 != 0) {
        throw Error("codec parity-byte",
                    "words of " + std::to_string(wordBits) + " bits; expected a multiple of 8");
    }
    return wordBits / 8;
}

}  // namespace

std::uint8_t ParityCodec::encode(Word data) const { return parityOf(data); }

DecodedWord ParityCodec::decode(CodedWord read) const {
    if (parityOf(read.data) != read.check) return {0, WordStatus::kDetected};
    return {read.data, WordStatus::kClean};
}

ByteParityCodec::ByteParityCodec(std::uint32_t wordBits) : Codec(wordBits, bytesOf(wordBits)) {}

std::uint8_t ByteParityCodec::encode(Word data) const {
    // Each byte is folded onto its lowest bit; the product moves bit 8i to bit 56 + i, and its
    // other terms meet none of those.
    data ^= data >> 4;
    data ^= data >> 2;
    data ^= data >> 1;
    data &= 0x0101010101010101;
    return static_cast<std::uint8_t>((data * 0x0102040810204080) >> 56);
}

DecodedWord ByteParityCodec::decode(CodedWord read) const {
    const auto bad = static_cast<std::uint8_t>(encode(read.data) ^ read.check);
    if (bad == 0) return {read.data, WordStatus::kClean};
    return {read.data & ~spreadToBytes(bad), WordStatus::kDetected};
}

Word ByteParityCodec::suspectBits(const DecodedWord& word) const {
    if (word.status != WordStatus::kDetected) return 0;
    std::uint8_t zeros = 0;
    for (unsigned i = 0; i < 8; ++i) {
        if ((word.data >> (8 * i) & 0xFF) == 0) zeros |= static_cast<std::uint8_t>(1U << i);
    }
    return spreadToBytes(zeros) & dataMask();
}

}  // namespace brownout
