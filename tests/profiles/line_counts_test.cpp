#include "profiles/statistics/line_counts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "profiles/generator/calibration_curve.h"
#include "profiles/generator/normal.h"
#include "profiles/statistics/gaussian_pairs.h"

namespace brownout {
namespace {

TEST(GaussianPairs, AgreeWithKnownProbabilities) {
    // Independent, equal, opposite numbers; and the orthant probability of two medians,
    // 1/4 + asin(rho) / (2 pi) (Sheppard 1898).
    EXPECT_NEAR(bothAbove(0.01, 0), 1e-4, 1e-15);
    EXPECT_NEAR(bothAbove(0.01, 1), 0.01, 1e-12);
    EXPECT_NEAR(bothAbove(0.3, -1), 0, 1e-12);
    for (const double rho : {-0.9, -0.3, 0.2, 0.5, 0.99}) {
        EXPECT_NEAR(bothAbove(0.5, rho), 0.25 + std::asin(rho) / (2 * std::acos(-1)), 1e-12);
    }
}

TEST(GaussianPairs, AgreeWithAnIntegralInTheTail) {
    // P = integral of phi(x) Phi((rho x - t) / sqrt(1 - rho^2)) from t on.
    for (const double rate : {1e-6, 1e-3, 0.1}) {
        for (const double rho : {0.05, 0.5, 0.9}) {
            const double t = -probit(rate);
            double sum = 0;
            const double step = 1e-4;
            for (double x = t + step / 2; x < t + 8; x += step) {
                sum += normalDensity(x) *
                       normalDistribution((rho * x - t) / std::sqrt(1 - rho * rho)) * step;
            }
            EXPECT_NEAR(bothAbove(rate, rho), sum, 1e-6 * sum) << rate << " " << rho;
        }
    }
}

TEST(GaussianPairs, CorrelationIsTheInverse) {
    for (const double rate : {1e-6, 1e-4, 0.02, 0.4}) {
        for (const double rho : {-0.001, 0.0, 0.05, 0.45, 0.97}) {
            EXPECT_NEAR(correlationOf(rate, bothAbove(rate, rho)), rho, 1e-5) << rate;
        }
    }
    EXPECT_EQ(correlationOf(0.1, 0.2), 1);
    EXPECT_EQ(correlationOf(0.0, 0.0), 0);
}

TEST(LineCounts, CountPairsAsEnumerationDoes) {
    const SramGeometry g{2, 9, 6, 2};
    std::mt19937_64 random(3);
    std::vector<FaultyCell> cells;
    for (std::uint32_t cell = 0; cell < g.cells(); ++cell) {
        if (random() % 4 == 0) cells.push_back({cell, 1.F, 1.F, 0.5F});
    }
    double column = 0, row = 0, apart = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            const auto a = addressOfCell(g, cells[i].cell), b = addressOfCell(g, cells[k].cell);
            if (a.array != b.array) continue;
            (a.column == b.column ? column : a.row == b.row ? row : apart) += 1;
        }
    }
    const LineCounts lines(g, cells);
    const PairSums sums = pairsOf(lines);
    EXPECT_EQ(sums.column.failing, column);
    EXPECT_EQ(sums.row.failing, row);
    EXPECT_EQ(sums.apart.failing, apart);
    EXPECT_EQ(sums.column.all, 2 * 6 * 9 * 8 / 2);
    EXPECT_EQ(sums.row.all, 2 * 9 * 6 * 5 / 2);
    EXPECT_EQ(sums.apart.all + sums.column.all + sums.row.all, 2 * 54 * 53 / 2);
    EXPECT_NEAR(sums.sharedColumnIfUniform(), 8.0 / 53, 1e-12);
    EXPECT_NEAR(lines.mass, 1.5 * static_cast<double>(cells.size()), 1e-9);
    EXPECT_NEAR(massOfWorstColumns(lines, 6), 1, 1e-12);
    EXPECT_GE(massOfWorstColumns(lines, 3), 0.5);
}

}  // namespace
}  // namespace brownout
