#include "model/protection/opportunistic_parity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/error.h"
#include "model/random.h"
#include "tests/model/integer_codes.h"

namespace brownout {
namespace {

unsigned ones(Word word) { return static_cast<unsigned>(__builtin_popcountll(word)); }

/// A code of 32 bits that means a float.
class FloatCodes final : public CodeValues {
 public:
    double value(std::uint32_t, std::uint64_t, Code code) const override {
        float value = 0;
        std::memcpy(&value, &code, sizeof value);
        return value;
    }
    Code zeroCode(std::uint32_t, std::uint64_t) const override { return 0; }
};

struct Kind {
    const char* name;
    std::uint32_t wordBits;
    std::uint32_t codeBits;
    std::uint32_t groupBits;
};

void PrintTo(const Kind& kind, std::ostream* out) {
    *out << kind.name << " " << kind.wordBits << " " << kind.codeBits;
}

class OpportunisticParityOf : public testing::TestWithParam<Kind> {};

/// Bit `bit` of a block.
bool bitOf(const std::vector<Word>& block, std::uint32_t wordBits, std::size_t bit) {
    return (block[bit / wordBits] >> bit % wordBits & 1U) != 0;
}

// Bit by bit: groups are even afterwards, and a group changed in one weight's lowest bit at most,
// and only if it was odd.
TEST_P(OpportunisticParityOf, MakesEveryGroupEvenByOneLeastSignificantBit) {
    const Kind& kind = GetParam();
    const auto protection = makeProtection(kind.name, kind.wordBits, kind.codeBits);
    const std::size_t words = protection->blockWords();
    const auto codes = test::fullWords(words, kind.wordBits, kind.codeBits);
    const test::IntegerCodes values(kind.codeBits);
    RandomStream random(5, RandomDomain::kTraffic, kind.groupBits, kind.wordBits);
    for (int round = 0; round < 200; ++round) {
        std::vector<Word> block;
        for (std::size_t i = 0; i < words; ++i) {
            block.push_back(random.next() & protection->dataMask());
        }
        const std::vector<Word> before = block;
        protection->prepare(block, codes, values);
        for (std::size_t first = 0; first < words * kind.wordBits; first += kind.groupBits) {
            unsigned was = 0, is = 0, changed = 0;
            for (std::size_t bit = first; bit < first + kind.groupBits; ++bit) {
                was += bitOf(before, kind.wordBits, bit);
                is += bitOf(block, kind.wordBits, bit);
                if (bitOf(before, kind.wordBits, bit) == bitOf(block, kind.wordBits, bit)) continue;
                ++changed;
                EXPECT_EQ(bit % kind.codeBits, 0U);
            }
            EXPECT_EQ(is % 2, 0U);
            EXPECT_EQ(changed, was % 2);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, OpportunisticParityOf,
                         testing::Values(Kind{"op-weight", 64, 8, 8}, Kind{"op-weight", 64, 16, 16},
                                         Kind{"op-weight", 64, 32, 32}, Kind{"op-8", 32, 8, 8},
                                         Kind{"op-16", 64, 8, 16}, Kind{"op-32", 64, 16, 32},
                                         Kind{"op-64", 64, 8, 64}, Kind{"op-64", 64, 4, 64},
                                         Kind{"op-64", 16, 8, 64}, Kind{"op-64-largest", 64, 8, 64},
                                         Kind{"op-128", 64, 16, 128}, Kind{"op-256", 64, 32, 256},
                                         Kind{"op-256-largest", 64, 8, 256}));

// The closed form: all 64 + 2,016 + 41,664 patterns of up to three flips in a 64-bit word.
TEST(OpportunisticParity, DetectsEveryOddNumberOfFlipsAndNoEvenOne) {
    const auto protection = makeProtection("op-64", 64);
    std::vector<Word> block{0x0123456789ABCDEF};
    protection->prepare(block, test::fullWords(1, 64, 8), test::IntegerCodes(8));
    const Word stored = block[0];
    const auto statusOf = [&](Word flips) {
        const DecodedWord read = protection->decode(CodedWord{stored ^ flips, 0});
        EXPECT_EQ(read.data, read.status == WordStatus::kDetected ? 0 : stored ^ flips);
        EXPECT_EQ(protection->worthlessBits(read),
                  read.status == WordStatus::kDetected ? ~Word{0} : 0);
        return read.status;
    };
    for (unsigned a = 0; a < 64; ++a) {
        EXPECT_EQ(statusOf(Word{1} << a), WordStatus::kDetected);
        for (unsigned b = a + 1; b < 64; ++b) {
            EXPECT_EQ(statusOf(Word{1} << a | Word{1} << b), WordStatus::kClean);
            for (unsigned c = b + 1; c < 64; ++c) {
                EXPECT_EQ(statusOf(Word{1} << a | Word{1} << b | Word{1} << c),
                          WordStatus::kDetected);
            }
        }
    }
}

// At a rate of 1e-2 a word of 64 bits has an odd number of wrong bits with probability
// (1 - 0.98^64) / 2 = 36.28 %, an even one above 0 with 1 - 0.99^64 - that = 11.16 %. 400,000
// words; the bounds are five standard errors, passed by chance once in two million runs.
TEST(OpportunisticParity, SeesTheShareOfWordsThatParityCanSee) {
    const auto protection = makeProtection("op-64", 64);
    RandomStream random(8, RandomDomain::kTraffic, 64, 0);
    const int words = 400000;
    int detected = 0, silent = 0;
    for (int i = 0; i < words; ++i) {
        Word flips = 0;
        for (unsigned bit = 0; bit < 64; ++bit) {
            if (static_cast<double>(random.next() >> 11) * 0x1p-53 < 0.01) flips |= Word{1} << bit;
        }
        const DecodedWord read = protection->decode(CodedWord{flips, 0});
        detected += read.status == WordStatus::kDetected;
        silent += read.status == WordStatus::kClean && flips != 0;
    }
    const double odd = (1 - std::pow(0.98, 64)) / 2;
    const double even = 1 - std::pow(0.99, 64) - odd;
    EXPECT_NEAR(odd, 0.3628, 1e-4);
    EXPECT_NEAR(even, 0.1116, 1e-4);
    EXPECT_NEAR(static_cast<double>(detected) / words, odd, 5 * std::sqrt(odd * (1 - odd) / words));
    EXPECT_NEAR(static_cast<double>(silent) / words, even,
                5 * std::sqrt(even * (1 - even) / words));
}

TEST(OpportunisticParity, MasksTheFailingWeightsOfAWordOnly) {
    const auto protection = makeProtection("op-16", 64);
    const Word stored = 0x0003000500060009;
    const DecodedWord read = protection->decode(CodedWord{stored ^ 0x0000008000000000, 0});
    EXPECT_EQ(read.status, WordStatus::kDetected);
    EXPECT_EQ(read.data, 0x0003000000060009U);
    EXPECT_EQ(protection->worthlessBits(read), 0x0000FFFF00000000U);
    EXPECT_EQ(protection->decode(CodedWord{stored, 0}).status, WordStatus::kClean);
}

TEST(OpportunisticParity, TakesTheLowestWeightOrTheLargest) {
    const auto codes = test::fullWords(1, 64, 8);
    const test::IntegerCodes values(8);
    std::vector<Word> block{0x00000000F0A00403};  // odd; 0xA0 is -96, the largest
    ASSERT_EQ(ones(block[0]) % 2, 1U);
    std::vector<Word> other = block;
    makeProtection("op-64", 64)->prepare(block, codes, values);
    EXPECT_EQ(block[0], 0x00000000F0A00402U);
    makeProtection("op-64-largest", 64)->prepare(other, codes, values);
    EXPECT_EQ(other[0], 0x00000000F0A10403U);
}

TEST(OpportunisticParity, TakesASpareCellBeforeAWeight) {
    // Nine codes of seven bits leave bit 63 free.
    std::vector<Word> block{1};
    makeProtection("op-64", 64)->prepare(block, test::fullWords(1, 64, 7), test::IntegerCodes(7));
    EXPECT_EQ(block[0], Word{1} << 63 | 1);
    // The last word of a tensor: three codes of eight bits.
    auto codes = test::fullWords(1, 64, 8);
    codes[0].count = 3;
    block = {1};
    makeProtection("op-64", 64)->prepare(block, codes, test::IntegerCodes(8));
    EXPECT_EQ(block[0], Word{1} << 24 | 1);
}

TEST(OpportunisticParity, LeavesInfinitiesAlone) {
    const auto codes = test::fullWords(1, 64, 32);
    for (const char* name : {"op-64", "op-64-largest"}) {
        std::vector<Word> block{0x3F8000007F800000};  // infinity below, 1 above; odd
        ASSERT_EQ(ones(block[0]) % 2, 1U);
        makeProtection(name, 64)->prepare(block, codes, FloatCodes());
        EXPECT_EQ(block[0], 0x3F8000017F800000U) << name;
    }
}

TEST(OpportunisticParity, RefusesWhatItCannotServe) {
    EXPECT_THROW(makeProtection("op-weight", 64, 4), Error);
    EXPECT_THROW(makeProtection("op-weight", 64), Error);
    EXPECT_THROW(makeProtection("op-64", 48), Error);
    EXPECT_THROW(makeProtection("op-16", 20), Error);
    EXPECT_THROW(makeProtection("op-8", 64)
                     ->requireCodes(test::fullWords(1, 64, 16)[0], test::IntegerCodes(16)),
                 Error);
    EXPECT_THROW(makeProtection("op-16", 64)
                     ->requireCodes(test::fullWords(1, 64, 5)[0], test::IntegerCodes(5)),
                 Error);
    EXPECT_NO_THROW(makeProtection("op-64", 64)
                        ->requireCodes(test::fullWords(1, 64, 5)[0], test::IntegerCodes(5)));
}

}  // namespace
}  // namespace brownout
