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
    const auto estimate = meanOf(units, {0, 100});
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
