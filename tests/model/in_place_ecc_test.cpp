#include "model/protection/in_place_ecc.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "model/random.h"
#include "tests/model/integer_codes.h"

namespace brownout {
namespace {

Word prepared(Word word) {
    std::vector<Word> block{word};
    makeProtection("in-place-ecc", 64)
        ->prepare(block, test::fullWords(1, 64, 8), test::IntegerCodes(8));
    return block[0];
}

Word someWord(std::uint32_t number) {
    RandomStream random(3, RandomDomain::kTraffic, number, 0);
    return prepared(random.next());
}

TEST(InPlaceEcc, HasEveryColumnOfAnOddNumberOfOnesOnce) {
    std::set<std::uint8_t> columns(kInPlaceColumns.begin(), kInPlaceColumns.end());
    EXPECT_EQ(columns.size(), 64U);
    for (const std::uint8_t column : columns) EXPECT_EQ(__builtin_popcount(column) % 2, 1);
}

TEST(InPlaceEcc, HoldsSevenWeightsInTheirRangeAndTheEighthAsItIs) {
    const test::IntegerCodes values(8);
    RandomStream random(4, RandomDomain::kTraffic, 0, 0);
    for (int round = 0; round < 1000; ++round) {
        const Word before = random.next();
        const Word after = prepared(before);
        for (unsigned byte = 0; byte < 8; ++byte) {
            const double was = values.value(0, 0, static_cast<Code>(before >> 8 * byte & 0xFF));
            const double is = values.value(0, 0, static_cast<Code>(after >> 8 * byte & 0xFF));
            EXPECT_EQ(is, byte == 7 ? was : std::min(63.0, std::max(-64.0, was)));
        }
    }
}

TEST(InPlaceEcc, AddsNoCell) { EXPECT_EQ(makeProtection("in-place-ecc", 64)->checkBits(), 0U); }

// All 64 single errors are corrected, all 2,016 double ones detected.
TEST(InPlaceEcc, CorrectsOneWrongBitAndDetectsTwo) {
    const auto protection = makeProtection("in-place-ecc", 64);
    for (std::uint32_t number = 0; number < 20; ++number) {
        const Word data = someWord(number);
        const CodedWord cells = protection->encode(data);
        EXPECT_EQ(protection->decode(cells), (DecodedWord{data, WordStatus::kClean}));
        for (unsigned a = 0; a < 64; ++a) {
            const Word one = cells.data ^ Word { 1 } << a;
            EXPECT_EQ(protection->decode({one, 0}), (DecodedWord{data, WordStatus::kCorrected}));
            for (unsigned b = a + 1; b < 64; ++b) {
                EXPECT_EQ(protection->decode({one ^ Word{1} << b, 0}).status,
                          WordStatus::kDetected);
            }
        }
    }
}

// Linear codes add: the check cells of a sum are the sum of those of its parts, and those of a
// single bit are its column. So the cells are worked out from the columns alone.
TEST(InPlaceEcc, StoresTheSyndromeOfTheOtherBitsInBitSixOfSevenBytes) {
    const auto protection = makeProtection("in-place-ecc", 64);
    for (std::uint32_t number = 0; number < 50; ++number) {
        const Word data = someWord(number);
        unsigned check = 0;
        for (unsigned bit = 0; bit < 64; ++bit) {
            if (bit % 8 == 6 && bit < 56) continue;
            if ((data >> bit & 1U) != 0) check ^= kInPlaceColumns[bit];
        }
        const Word cells = protection->encode(data).data;
        for (unsigned j = 0; j < 7; ++j) EXPECT_EQ(cells >> (8 * j + 6) & 1U, check >> j & 1U);
        EXPECT_EQ((cells ^ data) & 0xFFBFBFBFBFBFBFBF, 0U);
    }
}

TEST(InPlaceEcc, RefusesCodesWhoseTopBitsAreNoSigns) {
    EXPECT_THROW(makeProtection("in-place-ecc", 32), Error);
    const auto protection = makeProtection("in-place-ecc", 64);
    EXPECT_NO_THROW(protection->requireCodes(test::fullWords(1, 64, 8)[0], test::IntegerCodes(8)));
    EXPECT_THROW(protection->requireCodes(test::fullWords(1, 64, 4)[0], test::IntegerCodes(4)),
                 Error);
    // Codes of 9 bits read as 8: unsigned.
    EXPECT_THROW(protection->requireCodes(test::fullWords(1, 64, 8)[0], test::IntegerCodes(9)),
                 Error);
}

}  // namespace
}  // namespace brownout
