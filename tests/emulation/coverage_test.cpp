#include <gtest/gtest.h>

#include "tests/statistics/error_sets.h"

// Do intervals over a few chips hold the mean of a thousand real ones as often as they promise?
// data/errors_of_chips.txt says how its chips were made. Each set is sampled 1,000 times with a
// fixed seed; means over 40 sets have a standard error of 0.1 %, a single set one of at most 1.1 %.
// `brownout-statistics intervals` prints the whole table, which docs/statistics.md holds.

namespace brownout {
namespace {

const char* const kErrors = BROWNOUT_SOURCE_DIR "/tests/emulation/data/errors_of_chips.txt";

TEST(Coverage, OfMeansIsAsPromised) {
    const auto sets = readErrorSets(kErrors);
    ASSERT_EQ(sets.size(), 20U);
    for (const std::size_t n : {5U, 10U, 20U, 50U}) {
        Coverage mean;
        for (const ErrorSet& set : sets) {
            ASSERT_EQ(set.chips.size(), 1000U);
            for (std::size_t measure = 0; measure < 2; ++measure) {
                const Coverage one = coverageOf(set, measure, n, 1000);
                EXPECT_GE(one.held, 0.87) << set.network << " " << set.rate << " " << n;
                mean.held += one.held / 40;
                mean.above += one.above / 40;
                mean.below += one.below / 40;
            }
        }
        EXPECT_GE(mean.held, 0.94) << n;
        EXPECT_LE(mean.held, 0.97) << n;
        EXPECT_LE(mean.above, 0.04) << n;
        EXPECT_LE(mean.below, 0.04) << n;
    }
}

TEST(Coverage, OfDifferencesIsAsPromised) {
    const auto sets = readErrorSets(kErrors);
    for (const std::size_t n : {5U, 20U}) {
        Coverage mean;
        int pairs = 0;
        for (const ErrorSet& a : sets) {
            for (const ErrorSet& b : sets) {
                if (a.rate != b.rate || a.network >= b.network) continue;
                const Coverage one = coverageOfDifference(a, b, 0, n, 300);
                mean.held += one.held;
                mean.above += one.above;
                mean.below += one.below;
                ++pairs;
            }
        }
        ASSERT_EQ(pairs, 30);
        EXPECT_GE(mean.held / pairs, 0.94) << n;
        EXPECT_LE(mean.held / pairs, 0.975) << n;
        EXPECT_LE(mean.above / pairs, 0.04) << n;
        EXPECT_LE(mean.below / pairs, 0.04) << n;
    }
}

}  // namespace
}  // namespace brownout
