#include "model/protection/parity.h"

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
        throw Error("protection parity-byte",
                    "words of " + std::to_string(wordBits) + " bits; expected a multiple of 8");
    }
    return wordBits / 8;
}

/// The parity of each byte of a word, bit i for byte i.
std::uint8_t parityOfBytes(Word word) {
    // Each byte is folded onto its lowest bit; the product moves bit 8i to bit 56 + i, and its
    // other terms meet none of those.
    word ^= word >> 4;
    word ^= word >> 2;
    word ^= word >> 1;
    word &= 0x0101010101010101;
    return static_cast<std::uint8_t>((word * 0x0102040810204080) >> 56);
}

std::uint32_t wordsOf128Bits(std::uint32_t wordBits) {
    if (128 % wordBits != 0) {
        throw Error("protection parity-128",
                    "words of " + std::to_string(wordBits) + " bits; expected a divisor of 128");
    }
    return 128 / wordBits;
}

}  // namespace

std::uint8_t ParityProtection::encodeBlock(Span<Word> block) const { return parityOf(block[0]); }

WordStatus ParityProtection::decodeBlock(Span<Word> block, std::uint8_t check) const {
    if (parityOf(block[0]) == check) return WordStatus::kClean;
    block[0] = 0;
    return WordStatus::kDetected;
}

ByteParityProtection::ByteParityProtection(std::uint32_t wordBits)
    : Protection(wordBits, bytesOf(wordBits)) {}

std::uint8_t ByteParityProtection::encodeBlock(Span<Word> block) const {
    return parityOfBytes(block[0]);
}

WordStatus ByteParityProtection::decodeBlock(Span<Word> block, std::uint8_t check) const {
    const auto bad = static_cast<std::uint8_t>(parityOfBytes(block[0]) ^ check);
    if (bad == 0) return WordStatus::kClean;
    block[0] &= ~spreadToBytes(bad);
    return WordStatus::kDetected;
}

Word ByteParityProtection::worthlessBits(const DecodedWord& word) const {
    if (word.status != WordStatus::kDetected) return 0;
    std::uint8_t zeros = 0;
    for (unsigned i = 0; i < 8; ++i) {
        if ((word.data >> (8 * i) & 0xFF) == 0) zeros |= static_cast<std::uint8_t>(1U << i);
    }
    return spreadToBytes(zeros) & dataMask();
}

WideParityProtection::WideParityProtection(std::uint32_t wordBits)
    : Protection(wordBits, 1, wordsOf128Bits(wordBits)) {}

std::uint8_t WideParityProtection::encodeBlock(Span<Word> block) const {
    Word sum = 0;
    for (const Word word : block) sum ^= word;
    return parityOf(sum);
}

WordStatus WideParityProtection::decodeBlock(Span<Word> block, std::uint8_t check) const {
    if (encodeBlock(block) == check) return WordStatus::kClean;
    for (Word& word : block) word = 0;
    return WordStatus::kDetected;
}

}  // namespace brownout
