#include "profiles/generator/calibration_curve.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

#include "test_profiles.h"

namespace brownout {
namespace {

using testing::HasSubstr;

CalibrationCurve published() { return recipePreset("14nm-iid").recipe.curve; }

TEST(Probit, AgreesWithPublishedQuantilesOfTheNormalDistribution) {
    // Abramowitz and Stegun, table 26.5, and the digits any statistics package prints.
    EXPECT_DOUBLE_EQ(probit(0.5), 0);
    EXPECT_NEAR(probit(0.975), 1.959963984540054, 1e-14);
    EXPECT_NEAR(probit(0.001), -3.090232306167813, 1e-14);
    EXPECT_NEAR(probit(1e-6), -4.753424308822899, 1e-13);
    EXPECT_NEAR(probit(1e-15), -7.941345326170998, 1e-12);
}

TEST(Probit, InvertsTheDistributionFunctionOfTheStandardLibrary) {
    for (double p = 1e-14; p < 1; p = p < 0.01 ? p * 1.7 : p + 0.0101) {
        EXPECT_NEAR(0.5 * std::erfc(-probit(p) / std::sqrt(2.0)) / p, 1, 1e-12) << p;
    }
}

TEST(CalibrationCurve, GivesThePublishedRateAtBothSpellingsOfEachVoltage) {
    // REFERENCE 1.
    const struct {
        double exact, rounded, rate;
    } table[] = {{24 / 24.0, 1.000, 0},
                 {23 / 24.0, 0.958, 0.00000190735},
                 {22 / 24.0, 0.917, 0.0000686646},
                 {21 / 24.0, 0.875, 0.00129},
                 {20 / 24.0, 0.833, 0.01115},
                 {19 / 24.0, 0.792, 0.05573},
                 {18 / 24.0, 0.750, 0.2056}};
    const CalibrationCurve curve = published();
    for (const auto& line : table) {
        EXPECT_NEAR(curve.rate(line.exact), line.rate, 1e-6 * line.rate);
        EXPECT_EQ(curve.rate(line.rounded), curve.rate(line.exact));
        EXPECT_EQ(curve.rate((line.rounded + line.exact) / 2), curve.rate(line.exact));
    }
}

TEST(CalibrationCurve, FallsWithTheVoltageAndIsContinuous) {
    const CalibrationCurve curve = published();
    double previous = curve.rate(0.75);
    for (double v = 0.75; v <= 1.01; v += 1e-5) {
        EXPECT_LE(curve.rate(v), previous);
        EXPECT_GE(curve.rate(v), previous * 0.98 - 1e-9) << v;
        previous = curve.rate(v);
    }
}

TEST(CalibrationCurve, StaysBetweenItsPointsWhereASingleGaussianWouldBe) {
    // Phi((0.7056 - v) / 0.0552) fits the table with r = 0.9996 (REFERENCE 1), so between its
    // points the curve can't be far from it.
    const CalibrationCurve curve = published();
    for (double v = 0.76; v < 0.92; v += 0.001) {
        const double gaussian = 0.5 * std::erfc((v - 0.7056) / 0.0552 / std::sqrt(2.0));
        EXPECT_NEAR(curve.rate(v) / gaussian, 1, 0.25) << v;
    }
}

TEST(CalibrationCurve, ACellFailsAtAPointIfAndOnlyIfItsRankIsBelowTheRateThere) {
    const CalibrationCurve curve = published();
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> exponent(-9, std::log10(0.2056));
    for (int i = 0; i < 200000; ++i) {
        const double rank = std::pow(10.0, exponent(random));
        const double voltage = curve.criticalVoltage(rank);
        for (const CurvePoint& point : curve.points()) {
            ASSERT_EQ(voltage > point.voltage, rank < point.rate) << rank << " " << point.voltage;
        }
    }
    for (const CurvePoint& point : curve.points()) {  // the hardest ranks: just at the rates
        if (point.rate == 0) continue;
        EXPECT_GT(curve.criticalVoltage(std::nextafter(point.rate, 0.0)), point.voltage);
        if (point.rate < 0.2056) {
            EXPECT_LE(curve.criticalVoltage(point.rate), point.voltage);
        }
    }
    EXPECT_LE(curve.criticalVoltage(0), 1.0F);
}

TEST(CalibrationCurve, CriticalVoltagesInvertTheRate) {
    const CalibrationCurve curve = published();
    for (double rank = 1e-8; rank < 0.2; rank *= 1.05) {
        const double v = curve.criticalVoltage(rank);
        EXPECT_GE(curve.rate(v - 6e-8), rank);  // 6e-8: a step of single precision below 1
        EXPECT_LE(curve.rate(v + 6e-8), rank);
    }
}

TEST(CalibrationCurve, RefusesTablesThatAreNoCurve) {
    const auto error = [](std::vector<CurvePoint> points) {
        return errorOf([&] { CalibrationCurve curve(std::move(points)); });
    };
    const double nan = std::nan("");
    EXPECT_THAT(error({{1, 0}}), HasSubstr("fewer than two"));
    EXPECT_THAT(error({{1, 0.1}, {0.9, 0}}), HasSubstr("ascending"));
    EXPECT_THAT(error({{0.9, 0.1}, {0.9 + 1e-8, 0}}), HasSubstr("1e-6 apart"));
    EXPECT_THAT(error({{0.9, 0.1}, {nan, 0}}), HasSubstr("positive"));
    EXPECT_THAT(error({{0.9, nan}, {1, 0}}), HasSubstr("[0, 1)"));
    EXPECT_THAT(error({{0.9, 1}, {1, 0}}), HasSubstr("[0, 1)"));
    EXPECT_THAT(error({{0.9, -0.1}, {1, 0}}), HasSubstr("[0, 1)"));
    EXPECT_THAT(error({{0.8, 0.1}, {0.9, 0.2}, {1, 0}}), HasSubstr("don't rise"));
    EXPECT_THAT(error({{0.8, 0.1}, {0.9, 0.05}}), HasSubstr("last rate"));
    EXPECT_THAT(errorOf([] { published().rate(0.7); }), HasSubstr("below the calibration curve"));
}

}  // namespace
}  // namespace brownout
