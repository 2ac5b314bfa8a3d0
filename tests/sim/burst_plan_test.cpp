#include "sim/burst_plan.h"

#include <gtest/gtest.h>

#include <vector>

namespace brownout {
namespace {

std::vector<std::pair<std::uint64_t, std::uint64_t>> all(BurstPlan plan) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> bursts;
    for (Burst burst = plan.next(); burst.words > 0; burst = plan.next()) {
        bursts.emplace_back(burst.first, burst.words);
    }
    return bursts;
}

TEST(BurstPlan, CutsAtMultiplesOfTheLongestBurst) {
    const std::vector<std::pair<std::uint64_t, std::uint64_t>> expected{{6, 2}, {8, 8}, {16, 3}};
    EXPECT_EQ(all(BurstPlan(6, 13, 8)), expected);
}

TEST(BurstPlan, OfNoWordsHasNoBursts) { EXPECT_TRUE(all(BurstPlan(5, 0, 8)).empty()); }

}  // namespace
}  // namespace brownout
