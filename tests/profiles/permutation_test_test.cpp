#include "profiles/statistics/permutation_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <random>

namespace brownout {
namespace {

constexpr std::uint32_t kMost = 9999;

TEST(PermutationTest, CountsDivisionsAsByHand) {
    // Two against two: {1, 2 | 8, 9} is as far apart as its mirror image, of six divisions.
    const auto result = permutationTest({{1}, {2}}, {{8}, {9}}, kMost, 1);
    ASSERT_TRUE(result[0].tested);
    EXPECT_NEAR(result[0].p, 2.0 / 6, 1e-12);
    EXPECT_NEAR(smallestP(2, 2, kMost), 2.0 / 6, 1e-12);
    EXPECT_NEAR(smallestP(2, 4, kMost), 1.0 / 15, 1e-12);
    EXPECT_NEAR(smallestP(50, 50, kMost), 1.0 / kMost, 1e-12);
}

TEST(PermutationTest, SeesADifferenceBesideStatisticsThatDoNotDiffer) {
    std::mt19937_64 random(4);
    std::normal_distribution<double> normal;
    Observations a, b;
    for (int i = 0; i < 8; ++i) {
        a.push_back({normal(random), normal(random), normal(random)});
        b.push_back({normal(random), 6 + normal(random), normal(random)});
    }
    const auto result = permutationTest(a, b, kMost, 1);
    EXPECT_LT(result[1].adjusted, 0.01);
    EXPECT_GT(result[0].adjusted, 0.05);
    EXPECT_GE(result[0].adjusted, result[0].p);
}

// What few blocks have a value of may be any distance away by chance: two values of a sample that
// happen to be near each other. That must not hide another statistic that differs.
TEST(PermutationTest, SeesADifferenceBesideStatisticsWithLongTails) {
    std::mt19937_64 random(6);
    std::normal_distribution<double> normal;
    Observations samples[2];
    for (int i = 0; i < 400; ++i) {
        const int which = i < 100 ? 0 : 1;
        std::vector<double> block{normal(random) + 0.42 * which};
        for (int rare = 0; rare < 40; ++rare) {
            block.push_back(i % 40 == 0 ? normal(random) : std::nan(""));
        }
        samples[which].push_back(block);
    }
    const auto result = permutationTest(samples[0], samples[1], kMost, 1);
    EXPECT_LT(result[0].p, 0.001);
    EXPECT_LT(result[0].adjusted, 0.05);
    for (std::size_t s = 1; s < result.size(); ++s) EXPECT_GT(result[s].adjusted, 0.05);
}

TEST(PermutationTest, LeavesOutWhatTooFewBlocksHave) {
    const double none = std::nan("");
    const auto result =
        permutationTest({{1, none}, {2, none}, {3, 1}}, {{4, 5}, {5, 6}, {6, 7}}, kMost, 1);
    EXPECT_TRUE(result[0].tested);
    EXPECT_FALSE(result[1].tested);
    EXPECT_EQ(result[1].adjusted, 1);
}

TEST(PermutationTest, WhatNeverVariesAndDiffersIsAsFarAsCanBe) {
    const auto same = permutationTest({{1}, {1}, {1}, {1}}, {{1}, {1}, {1}, {1}}, kMost, 1);
    EXPECT_EQ(same[0].p, 1);
    const auto other = permutationTest({{1}, {1}, {1}, {1}}, {{2}, {2}, {2}, {2}}, kMost, 1);
    EXPECT_NEAR(other[0].p, 2.0 / 70, 1e-12);
}

// The rate of false alarms over all statistics is alpha, up to ties: 2000 tries of skewed,
// dependent numbers; outside the interval by chance 1 in 1000 times, were the seed not fixed.
TEST(PermutationTest, RaisesFalseAlarmsAsOftenAsItSays) {
    std::mt19937_64 random(5);
    std::exponential_distribution<double> skewed;
    constexpr int kTries = 2000;
    constexpr double kAlpha = 0.1;
    int alarms = 0;
    for (int i = 0; i < kTries; ++i) {
        Observations samples[2];
        for (Observations& sample : samples) {
            for (int block = 0; block < 5; ++block) {
                const double common = skewed(random);
                sample.push_back({common, common + 0.3 * skewed(random), skewed(random)});
            }
        }
        for (const auto& one : permutationTest(samples[0], samples[1], kMost, 1)) {
            if (one.adjusted > kAlpha) continue;
            ++alarms;
            break;
        }
    }
    // 252 divisions in mirrored pairs: 12 of 126 pairs are at most 0.1.
    const boost::math::binomial expected(kTries, 12.0 / 126);
    EXPECT_GE(alarms, quantile(expected, 5e-4));
    EXPECT_LE(alarms, quantile(complement(expected, 5e-4)));
}

// The same with divisions enough to go by ranks (min-P).
TEST(PermutationTest, RaisesFalseAlarmsAsOftenAsItSaysWithManyBlocks) {
    std::mt19937_64 random(8);
    std::exponential_distribution<double> skewed;
    constexpr int kTries = 1000;
    constexpr std::uint32_t kDivisions = 999;
    constexpr double kAlpha = 0.1;
    int alarms = 0;
    for (int i = 0; i < kTries; ++i) {
        Observations samples[2];
        for (Observations& sample : samples) {
            for (int block = 0; block < 20; ++block) {
                const double common = skewed(random);
                sample.push_back({common, common + 0.3 * skewed(random), skewed(random)});
            }
        }
        const auto result =
            permutationTest(samples[0], samples[1], kDivisions, static_cast<std::uint64_t>(i));
        alarms += std::any_of(result.begin(), result.end(),
                              [](const auto& one) { return one.adjusted <= kAlpha; });
    }
    const boost::math::binomial expected(kTries, kAlpha);
    EXPECT_GE(alarms, quantile(expected, 5e-4));
    EXPECT_LE(alarms, quantile(complement(expected, 5e-4)));
}

}  // namespace
}  // namespace brownout
