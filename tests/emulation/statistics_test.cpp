#include "emulation/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tests/results/sample_campaign.h"

namespace brownout {
namespace {

// Published table of Student's t, two-sided 95 % (upper 2.5 % points), three decimals.
TEST(StudentT, AgreesWithThePublishedTable) {
    const struct {
        std::uint64_t degreesOfFreedom;
        double quantile;
    } table[] = {{1, 12.706}, {2, 4.303},  {3, 3.182},  {4, 2.776},  {5, 2.571},   {9, 2.262},
                 {19, 2.093}, {29, 2.045}, {49, 2.010}, {99, 1.984}, {1000, 1.962}};
    for (const auto& [degrees, quantile] : table) {
        EXPECT_NEAR(studentT(0.975, degrees), quantile, 0.0005) << degrees;
    }
}

TEST(StudentT, HasItsClosedFormsForOneAndTwoDegreesOfFreedom) {
    const double pi = std::acos(-1.0);
    for (const double p : {0.6, 0.9, 0.975, 0.999}) {
        EXPECT_NEAR(studentT(p, 1) / std::tan(pi * (p - 0.5)), 1, 1e-12);
        EXPECT_NEAR(studentT(p, 2) / ((2 * p - 1) / std::sqrt(2 * p * (1 - p))), 1, 1e-12);
    }
    EXPECT_NE(errorOf([] { studentT(0.975, 0); }), "");
}

TEST(MeanOf, AgreesWithACalculationByHand) {
    // Errors 10, 20, 30, 40 %: mean 25 %, variance (225 + 25 + 25 + 225) / 3 = 500/3 (% squared),
    // standard error sqrt(500/12) = 6.45497 %, t(0.975, 3) = 3.182446, half width 20.54260 %.
    const std::vector<Amount> units = {{10, 100}, {20, 100}, {30, 100}, {40, 100}};
    const auto estimate = meanOf(units);
    EXPECT_DOUBLE_EQ(estimate.mean, 0.25);
    EXPECT_DOUBLE_EQ(estimate.std.value(), std::sqrt(500.0 / 3) / 100);
    EXPECT_NEAR(estimate.ci95->low, 0.25 - 0.2054260, 1e-7);
    EXPECT_NEAR(estimate.ci95->high, 0.25 + 0.2054260, 1e-7);
}

TEST(MeanOf, OfFractionsAgreesWithACalculationByHand) {
    // (1 + 1/4) / 2, (2 + 1/2) / 2, (5 + 5/8) / 3: 0.625, 1.25, 1.875, standard deviation 0.625.
    const std::uint64_t one = std::uint64_t{1} << 40;
    const std::vector<Amount> units = {{1, 2, one / 4}, {2, 2, one / 2}, {5, 3, one / 8 * 5}};
    const auto estimate = meanOf(units, kNoSkew, {0, 100});
    EXPECT_DOUBLE_EQ(estimate.mean, 1.25);
    EXPECT_DOUBLE_EQ(estimate.std.value(), 0.625);
    EXPECT_NEAR(estimate.ci95->high, 1.25 + 4.302653 * 0.625 / std::sqrt(3.0), 1e-7);
    const std::vector<Amount> equal(7, Amount{0, 96, 149827079433});
    EXPECT_EQ(meanOf(equal).std, 0.0);
    EXPECT_EQ(meanOf(equal).ci95->low, meanOf(equal).mean);
}

TEST(MeanOf, OfOneUnitHasNoSpread) {
    const std::vector<Amount> units = {{10, 100}};
    const auto estimate = meanOf(units);
    EXPECT_DOUBLE_EQ(estimate.mean, 0.1);
    EXPECT_FALSE(estimate.std);
    EXPECT_FALSE(estimate.ci95);
}

TEST(MeanOf, OfEqualUnitsHasNoSpreadAtAll) {
    const std::vector<Amount> units(50, Amount{437, 9000});
    const auto estimate = meanOf(units);
    EXPECT_EQ(estimate.mean, 437.0 / 9000);
    EXPECT_EQ(estimate.std, 0.0);
    EXPECT_EQ(estimate.ci95->low, estimate.mean);
    EXPECT_EQ(estimate.ci95->high, estimate.mean);
}

TEST(MeanOf, IntervalStaysBetweenZeroAndOne) {
    const std::vector<Amount> low = {{0, 100}, {1, 100}, {9, 100}};
    EXPECT_EQ(meanOf(low).ci95->low, 0.0);
    const std::vector<Amount> high = {{100, 100}, {99, 100}, {91, 100}};
    EXPECT_EQ(meanOf(high).ci95->high, 1.0);
}

TEST(MeanOf, DoesNotDependOnTheOrderOfTheUnits) {
    std::mt19937 random(1);
    std::vector<Amount> units;
    for (int i = 0; i < 50; ++i) units.push_back({random() % 9001, 9000});
    const auto expected = meanOf(units);
    for (int round = 0; round < 20; ++round) {
        std::shuffle(units.begin(), units.end(), random);
        const auto estimate = meanOf(units);
        EXPECT_EQ(estimate.mean, expected.mean);
        EXPECT_EQ(estimate.std, expected.std);
    }
}

TEST(MeanOf, KeepsItsPrecisionWhereTheSpreadIsTinyAgainstTheMean) {
    // Wrong counts 10^15 -+ 1: the textbook formula in doubles would lose the variance, which is 1.
    const std::uint64_t images = 1'000'000'000'000'007;
    const std::uint64_t wrong = 1'000'000'000'000'000;
    const std::vector<Amount> units = {{wrong - 1, images}, {wrong, images}, {wrong + 1, images}};
    EXPECT_DOUBLE_EQ(meanOf(units).std.value() * static_cast<double>(images), 1.0);
}

TEST(MeanOf, OfUnitsOfDifferentSizesCountsEachUnitOnce) {
    // Errors 1/2 and 1/4, whatever the number of images behind them: mean 3/8, std sqrt(2)/8.
    const std::vector<Amount> units = {{1, 2}, {250, 1000}};
    const auto estimate = meanOf(units);
    EXPECT_DOUBLE_EQ(estimate.mean, 0.375);
    EXPECT_DOUBLE_EQ(estimate.std.value(), std::sqrt(2.0) / 8);
}

// Errors 10, 20, 30, 40 % as above and faults that took 20 points on average: c = 12.90994 / 20,
// K = (2 t^2 + 1) / (6 t 2) = 0.556593 with t = 3.182446; the upper end moves out by
// 1 + 6 K = 4.339559, the lower one in by 1 + 2 c K = 1.718557; 20.54260 points before.
TEST(MeanOf, StretchesItsIntervalOnTheSideOfTheHarm) {
    const std::vector<Amount> units = {{10, 100}, {20, 100}, {30, 100}, {40, 100}};
    const auto up = meanOf(units, {0.2, 0.01, HarmSide::kUp}, {-9, 9}).ci95.value();
    EXPECT_NEAR(up.high, 0.25 + 0.2054260 * 4.339559, 1e-6);
    EXPECT_NEAR(up.low, 0.25 - 0.2054260 / 1.718557, 1e-6);
    const auto down = meanOf(units, {0.2, 0.01, HarmSide::kDown}, {-9, 9}).ci95.value();
    EXPECT_NEAR(0.25 - down.low, up.high - 0.25, 1e-12);
    EXPECT_NEAR(down.high - 0.25, 0.25 - up.low, 1e-12);
    const auto either = meanOf(units, {0.2, 0.01, HarmSide::kEither}, {-9, 9}).ci95.value();
    EXPECT_NEAR(either.high, up.high, 1e-12);
    EXPECT_NEAR(either.low, down.low, 1e-12);
}

// Where not one of n N images changes, a rate of 3.7 / (n N) leaves no sign in 2.5 % of campaigns
// whose images fail one by one: the interval reaches at least as far, and no further than five
// times.
TEST(MeanOf, OfChipsThatAreAllAlikeReachesAsFarAsTheRuleOfThree) {
    for (const std::size_t n : {2U, 5U, 10U, 20U, 50U, 1000U}) {
        const std::vector<Amount> units(n, Amount{0, 1000});
        const auto ci = meanOf(units, {0, 1.0 / 1000, HarmSide::kUp}).ci95.value();
        const double rule = -std::log(0.025) / (1000.0 * static_cast<double>(n));
        EXPECT_EQ(ci.low, 0);
        EXPECT_GE(ci.high, 0.9999999 * rule) << n;
        EXPECT_LE(ci.high, n == 2 ? 80 * rule : 5 * rule) << n;
    }
    const std::vector<Amount> sure(10, Amount{5, 1000});
    EXPECT_EQ(meanOf(sure, {0, 0, HarmSide::kUp}).ci95->high, 0.005) << "nothing can fail";
}

TEST(FewDominate, WhereTheSpreadIsLargeBesideTheHarm) {
    EXPECT_TRUE(fewDominate(0.1, 5, {0.1, 0.001, HarmSide::kUp}));
    EXPECT_FALSE(fewDominate(0.08, 5, {0.1, 0.001, HarmSide::kUp}));
    EXPECT_FALSE(fewDominate(0, 5, {0, 0.001, HarmSide::kUp})) << "all alike";
    EXPECT_FALSE(fewDominate(0.1, 1, {0.1, 0.001, HarmSide::kUp}));
}

// The distances of the ends from the means, 3 below and 4 above for a and 12 and 5 for b, add up
// as squares where they point the same way: below 3 and 5, above 4 and 12.
TEST(MeanDifference, AddsTheSquaresOfTheDistancesThatPointTheSameWay) {
    const Estimate a{0.50, 0.1, Interval{0.47, 0.54}};
    const Estimate b{0.30, 0.1, Interval{0.18, 0.35}};
    const Estimate difference = meanDifference(a, b);
    EXPECT_DOUBLE_EQ(difference.mean, 0.2);
    EXPECT_NEAR(difference.ci95->low, 0.2 - std::hypot(0.03, 0.05), 1e-12);
    EXPECT_NEAR(difference.ci95->high, 0.2 + std::hypot(0.04, 0.12), 1e-12);
    EXPECT_FALSE(difference.std);
    EXPECT_FALSE(meanDifference(a, {0.3, {}, {}}).ci95);
}

// 95 % intervals of 2,000 samples of 10 chips: the share that holds the true mean is binomial with
// standard deviation 0.49 %. At 4 of them a correct implementation fails once in 16,000 seeds.
TEST(MeanOf, IntervalHoldsTheTrueMeanInNineteenOfTwentySamples) {
    std::mt19937 random(7);
    std::normal_distribution<double> chip(3000, 150);
    int held = 0;
    const int samples = 2000;
    for (int sample = 0; sample < samples; ++sample) {
        std::vector<Amount> units;
        for (int i = 0; i < 10; ++i) {
            units.push_back({static_cast<std::uint64_t>(std::llround(chip(random))), 10000});
        }
        const auto ci = meanOf(units).ci95.value();
        held += ci.low <= 0.3 && 0.3 <= ci.high ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(held) / samples, 0.95, 4 * 0.0049);
}

TEST(MeanOf, OfNothingIsRefused) {
    EXPECT_NE(errorOf([] { meanOf(std::vector<Amount>{}); }), "");
    EXPECT_NE(errorOf([] { meanOf(std::vector<Amount>{{0, 0}}); }), "");
}

TEST(MeanPairedDifference, CancelsWhatTheChipsHaveInCommon) {
    // b is always 2 or 4 points worse than a although the chips differ by up to 50 points.
    const std::vector<Amount> a = {{10, 100}, {30, 100}, {60, 100}, {20, 100}};
    const std::vector<Amount> b = {{12, 100}, {34, 100}, {62, 100}, {24, 100}};
    const auto difference = meanPairedDifference(a, b);
    EXPECT_DOUBLE_EQ(difference.mean, -0.03);
    EXPECT_DOUBLE_EQ(difference.std.value(), std::sqrt(4.0 / 3) / 100);
    EXPECT_LT(difference.ci95->high, 0);
    const double half = 3.182446 * std::sqrt(4.0 / 3) / 100 / 2;
    EXPECT_NEAR(difference.ci95->low, -0.03 - half, 1e-8);
}

TEST(MeanPairedDifference, OfUnitsOfDifferentSizesUsesTheirErrors) {
    const std::vector<Amount> a = {{1, 2}, {1, 4}};
    const std::vector<Amount> b = {{1, 4}, {0, 9}};
    const auto difference = meanPairedDifference(a, b);
    EXPECT_DOUBLE_EQ(difference.mean, 0.25);
    EXPECT_DOUBLE_EQ(difference.std.value(), 0);
}

TEST(MeanPairedDifference, OfSamplesThatDoNotPairIsRefused) {
    const std::vector<Amount> a = {{1, 2}, {1, 4}};
    const std::vector<Amount> b = {{1, 4}};
    EXPECT_NE(errorOf([&] { meanPairedDifference(a, b); }), "");
}

}  // namespace
}  // namespace brownout
