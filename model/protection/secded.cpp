#include "model/protection/secded.h"

#include "base/error.h"
#include "model/protection/hsiao.h"

namespace brownout {
namespace {

constexpr std::uint32_t kCheckBits = 8;
constexpr std::uint8_t kNoBit = 0xFF;

using ByteTables = std::array<std::array<std::uint8_t, 256>, 8>;

/// The check bits of every value of every byte: those of a word are the exclusive or of eight.
constexpr ByteTables makeByteTables() {
    ByteTables tables{};
    for (unsigned byte = 0; byte < 8; ++byte) {
        for (unsigned value = 1; value < 256; ++value) {
            // The check bits of the value without its lowest one, and the column of that one.
            unsigned lowest = 0;
            while ((value >> lowest & 1U) == 0) ++lowest;
            tables[byte][value] = static_cast<std::uint8_t>(tables[byte][value & (value - 1)] ^
                                                            kHsiaoColumns[8 * byte + lowest]);
        }
    }
    return tables;
}

constexpr ByteTables kByteTables = makeByteTables();

std::uint8_t checkBitsOf(Word data) {
    std::uint8_t check = 0;
    for (unsigned byte = 0; byte < 8; ++byte) check ^= kByteTables[byte][data >> (8 * byte) & 0xFF];
    return check;
}

std::uint32_t checkedWordBits(std::uint32_t wordBits) {
    if (wordBits < kCheckBits) {
        throw Error("protection secded", "words of " + std::to_string(wordBits) +
                                             " bits; expected at least as many as check bits, 8");
    }
    return wordBits;
}

}  // namespace

SecdedProtection::SecdedProtection(std::uint32_t wordBits)
    : Protection(checkedWordBits(wordBits), kCheckBits) {
    bitOfSyndrome_.fill(kNoBit);
    for (std::uint32_t bit = 0; bit < wordBits; ++bit) {
        bitOfSyndrome_[kHsiaoColumns[bit]] = static_cast<std::uint8_t>(bit);
    }
    for (std::uint32_t bit = 0; bit < kCheckBits; ++bit) {
        bitOfSyndrome_[1U << bit] = static_cast<std::uint8_t>(64 + bit);
    }
}

std::uint8_t SecdedProtection::encodeBlock(Span<Word> block) const { return checkBitsOf(block[0]); }

WordStatus SecdedProtection::decodeBlock(Span<Word> block, std::uint8_t check) const {
    const std::uint8_t syndrome = checkBitsOf(block[0]) ^ check;
    if (syndrome == 0) return WordStatus::kClean;
    const std::uint8_t bit = bitOfSyndrome_[syndrome];
    if (bit == kNoBit) return WordStatus::kDetected;
    if (bit < 64) block[0] ^= Word{1} << bit;
    return WordStatus::kCorrected;
}

std::uint8_t SecdedProtection::encodeByRows(Word data) {
    unsigned check = 0;
    for (unsigned row = 0; row < 8; ++row) {
        unsigned parity = 0;
        for (unsigned bit = 0; bit < 64; ++bit) {
            parity ^= static_cast<unsigned>(kHsiaoRows[row] >> bit & data >> bit & 1U);
        }
        check |= parity << row;
    }
    return static_cast<std::uint8_t>(check);
}

}  // namespace brownout
