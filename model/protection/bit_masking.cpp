#include "model/protection/bit_masking.h"

#include "base/error.h"

namespace brownout {
namespace {

constexpr std::uint32_t kMostCheckBits = 8;

std::string nameOf(MaskingParity parity) {
    return parity == MaskingParity::kBit ? "bit-masking" : "bit-masking-weight";
}

std::uint32_t checkBitsOf(std::uint32_t wordBits, std::uint32_t codeBits, MaskingParity parity) {
    const std::string place = "protection " + nameOf(parity);
    if (codeBits == 0) {
        throw Error(place, "weights whose number of bits is unknown or differs; expected one");
    }
    if (wordBits % codeBits != 0) {
        throw Error(place, "weights of " + std::to_string(codeBits) +
                               " bits; expected a divisor of the word's " +
                               std::to_string(wordBits));
    }
    const std::uint32_t count = parity == MaskingParity::kBit ? codeBits : wordBits / codeBits;
    if (codeBits < 2 || count > kMostCheckBits) {
        throw Error(place, "weights of " + std::to_string(codeBits) + " bits in words of " +
                               std::to_string(wordBits) + " take " + std::to_string(count) +
                               " check bits a word; expected weights of 2 bits or more and at "
                               "most " +
                               std::to_string(kMostCheckBits) + " check bits");
    }
    return count;
}

std::uint8_t parityOf(Word word) { return static_cast<std::uint8_t>(__builtin_parityll(word)); }

}  // namespace

BitMasking::BitMasking(std::uint32_t wordBits, std::uint32_t codeBits, MaskingParity parity)
    : Protection(wordBits, checkBitsOf(wordBits, codeBits, parity)),
      codeBits_(codeBits),
      codes_(wordBits / codeBits),
      parity_(parity) {
    for (std::uint32_t k = 0; k < codes_; ++k) lowest_ |= Word{1} << (k * codeBits_);
}

std::string BitMasking::name() const { return nameOf(parity_); }

void BitMasking::requireCodes(const WordCodes& codes, const CodeValues& values) const {
    requireTwosComplement(*this, codes, values, codeBits_, codeBits_);
}

std::uint8_t BitMasking::encodeBlock(Span<Word> block) const {
    unsigned check = 0;
    for (std::uint32_t i = 0; i < checkBits(); ++i) {
        const Word covered =
            parity_ == MaskingParity::kBit ? lowest_ << i : codeMask() << (i * codeBits_);
        check |= static_cast<unsigned>(parityOf(block[0] & covered)) << i;
    }
    return static_cast<std::uint8_t>(check);
}

WordStatus BitMasking::decodeBlock(Span<Word> block, std::uint8_t check) const {
    const unsigned bad = encodeBlock(block) ^ check;
    if (bad == 0) return WordStatus::kClean;
    Word& word = block[0];
    const Word signs = word >> (codeBits_ - 1) & lowest_;
    if (parity_ == MaskingParity::kCode) {
        for (std::uint32_t k = 0; k < codes_; ++k) {
            if ((bad >> k & 1U) == 0) continue;
            const Word place = codeMask() << (k * codeBits_);
            const bool negative = (signs >> (k * codeBits_) & 1U) != 0;
            word = negative ? word | place : word & ~place;
        }
    } else if ((bad >> (codeBits_ - 1) & 1U) != 0) {
        word = 0;
    } else {
        for (std::uint32_t i = 0; i + 1 < codeBits_; ++i) {
            if ((bad >> i & 1U) == 0) continue;
            word = (word & ~(lowest_ << i)) | signs << i;
        }
    }
    return WordStatus::kDetected;
}

}  // namespace brownout
