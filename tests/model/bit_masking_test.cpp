#include "model/protection/bit_masking.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "model/random.h"
#include "tests/model/integer_codes.h"

namespace brownout {
namespace {

/// Bit `bit` of code `code` of a word.
unsigned bitOf(Word word, unsigned codeBits, unsigned code, unsigned bit) {
    return static_cast<unsigned>(word >> (code * codeBits + bit) & 1U);
}

/// What the two protections promise, bit by bit, for a word and its check bits.
DecodedWord oracle(const CodedWord& read, unsigned codeBits, MaskingParity parity) {
    const unsigned codes = 64 / codeBits;
    DecodedWord decoded{0, WordStatus::kClean};
    const auto odd = [&](unsigned group) {
        unsigned sum = read.check >> group & 1U;
        for (unsigned i = 0; i < (parity == MaskingParity::kBit ? codes : codeBits); ++i) {
            sum += parity == MaskingParity::kBit ? bitOf(read.data, codeBits, i, group)
                                                 : bitOf(read.data, codeBits, group, i);
        }
        return sum % 2 == 1;
    };
    bool signFails = false;
    for (unsigned code = 0; code < codes; ++code) {
        for (unsigned bit = 0; bit < codeBits; ++bit) {
            const bool bad = odd(parity == MaskingParity::kBit ? bit : code);
            if (bad) decoded.status = WordStatus::kDetected;
            signFails |= bad && parity == MaskingParity::kBit && bit == codeBits - 1;
            const unsigned value = bitOf(read.data, codeBits, code, bad ? codeBits - 1 : bit);
            decoded.data |= Word{value} << (code * codeBits + bit);
        }
    }
    if (signFails) decoded.data = 0;
    return decoded;
}

TEST(BitMasking, PutsTheSignInThePlaceOfWhatParityFindsWrong) {
    RandomStream random(6, RandomDomain::kTraffic, 0, 0);
    struct Kind {
        const char* name;
        unsigned codeBits;
        MaskingParity parity;
    };
    for (const Kind kind :
         {Kind{"bit-masking", 8, MaskingParity::kBit}, Kind{"bit-masking", 4, MaskingParity::kBit},
          Kind{"bit-masking-weight", 8, MaskingParity::kCode},
          Kind{"bit-masking-weight", 16, MaskingParity::kCode}}) {
        const auto protection = makeProtection(kind.name, 64, kind.codeBits);
        for (int round = 0; round < 2000; ++round) {
            CodedWord word = protection->encode(random.next());
            EXPECT_EQ(protection->decode(word), (DecodedWord{word.data, WordStatus::kClean}));
            for (std::uint64_t flips = random.next() % 5; flips > 0; --flips) {
                const auto bit = random.next() % (64 + protection->checkBits());
                if (bit < 64) {
                    word.data ^= Word{1} << bit;
                } else {
                    word.check = static_cast<std::uint8_t>(word.check ^ 1U << (bit - 64));
                }
            }
            EXPECT_EQ(protection->decode(word), oracle(word, kind.codeBits, kind.parity));
        }
    }
}

TEST(BitMasking, MovesWeightsTowardsZero) {
    const auto protection = makeProtection("bit-masking", 64, 8);
    const CodedWord stored = protection->encode(0x05);
    // 5 with bit 6 wrong is 69; the mask makes it 5 again. -5 with bit 6 wrong likewise.
    EXPECT_EQ(protection->decode({stored.data ^ 0x40, stored.check}).data, 0x05U);
    const CodedWord negative = protection->encode(0xFB);
    EXPECT_EQ(protection->decode({negative.data ^ 0x40, negative.check}).data, 0xFBU);
    // A significant bit is lost: 5 with bit 2 wrong is 1.
    EXPECT_EQ(protection->decode({stored.data ^ 0x04, stored.check}).data, 0x01U);
    EXPECT_EQ(protection->worthlessBits({0, WordStatus::kDetected}), 0U);
}

TEST(BitMasking, NeedsToKnowTheWidthOfTwosComplementCodes) {
    EXPECT_THROW(makeProtection("bit-masking", 64), Error);
    EXPECT_THROW(makeProtection("bit-masking", 64, 16), Error);
    EXPECT_THROW(makeProtection("bit-masking", 64, 7), Error);
    EXPECT_THROW(makeProtection("bit-masking-weight", 64, 4), Error);
    const auto protection = makeProtection("bit-masking", 64, 8);
    EXPECT_THROW(protection->requireCodes(test::fullWords(1, 64, 8)[0], test::IntegerCodes(9)),
                 Error);
}

}  // namespace
}  // namespace brownout
