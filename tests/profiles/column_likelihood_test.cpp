// The likelihood of counts by column against closed forms, a plain sum and differences.

#include "profiles/statistics/likelihood/column_likelihood.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "profiles/generator/normal.h"
#include "profiles/statistics/gaussian_pairs.h"

namespace brownout {
namespace {

double logLikelihood(const ColumnModel& model, const std::vector<std::uint32_t>& failing,
                     std::uint32_t rows) {
    return ColumnLikelihood({{0, failing}}, rows).at(model).front().log;
}

double variance(const ColumnModel& model) { return 1 + model.arrayVariance + model.columnVariance; }

std::vector<ColumnModel> models() {
    return {{0, 0, 1.5},      {0.1, 0, 1}, {0, 0.7, 2.5},    {0.05, 0.9, 3.5},
            {0.4, 0.2, -0.3}, {2, 3, 0.4}, {1e-4, 1e-4, 0.9}};
}

// Two cells fail together as often as two numbers of their correlation are above a height.
TEST(ColumnLikelihood, OfTwoCellsIsThatOfTwoCorrelatedNumbers) {
    for (const ColumnModel& model : models()) {
        const double rate = normalDistribution(-model.threshold / std::sqrt(variance(model)));
        const double ofArray = model.arrayVariance / variance(model);
        const double ofColumn = ofArray + model.columnVariance / variance(model);
        EXPECT_NEAR(std::exp(logLikelihood(model, {1}, 1)), rate, 1e-8);
        EXPECT_NEAR(std::exp(logLikelihood(model, {2}, 2)), bothAbove(rate, ofColumn), 1e-8);
        EXPECT_NEAR(std::exp(logLikelihood(model, {1, 1}, 1)), bothAbove(rate, ofArray), 1e-8);
    }
}

TEST(ColumnLikelihood, OfAllThatCanHappenIsOne) {
    constexpr std::uint32_t kRows = 9;
    const auto ways = [](std::uint32_t n) {
        return std::tgamma(kRows + 1) / std::tgamma(n + 1) / std::tgamma(kRows - n + 1);
    };
    for (const ColumnModel& model : models()) {
        double sum = 0;
        for (std::uint32_t n = 0; n <= kRows; ++n) {
            for (std::uint32_t m = 0; m <= kRows; ++m) {
                sum += ways(n) * ways(m) * std::exp(logLikelihood(model, {n, m}, kRows));
            }
        }
        EXPECT_NEAR(sum, 1, 1e-7);
    }
}

/// The definition, summed over a fine grid.
double plainLogLikelihood(const ColumnModel& model, const std::vector<std::uint32_t>& failing,
                          std::uint32_t rows) {
    constexpr double kStep = 0.004;
    double sum = 0;
    for (double x = -8; x <= 8; x += 20 * kStep) {
        double product = std::exp(-x * x / 2);
        for (const std::uint32_t n : failing) {
            double column = 0;
            for (double y = -8; y <= 8; y += kStep) {
                const double z = std::sqrt(model.arrayVariance) * x +
                                 std::sqrt(model.columnVariance) * y - model.threshold;
                column += kStep * normalDensity(y) * std::pow(normalDistribution(z), n) *
                          std::pow(normalDistribution(-z), rows - n);
            }
            product *= column;
        }
        sum += 20 * kStep * product / std::sqrt(2 * 3.14159265358979);
    }
    return std::log(sum);
}

TEST(ColumnLikelihood, IsThePlainSum) {
    std::mt19937 random(1);
    for (const ColumnModel& model : models()) {
        std::vector<std::uint32_t> failing(5);
        for (std::uint32_t& n : failing) n = random() % 41;
        EXPECT_NEAR(logLikelihood(model, failing, 40), plainLogLikelihood(model, failing, 40), 1e-6)
            << model.arrayVariance << " " << model.columnVariance;
    }
}

TEST(ColumnLikelihood, HasTheSlopesOfItsDifferences) {
    std::mt19937 random(2);
    for (ColumnModel model : models()) {
        // Differences of a variance need one.
        model.arrayVariance = std::max(1e-3, model.arrayVariance);
        model.columnVariance = std::max(1e-3, model.columnVariance);
        std::vector<std::uint32_t> failing(4);
        for (std::uint32_t& n : failing) n = random() % 21;
        const auto slopes = ColumnLikelihood({{0, failing}}, 20).at(model).front().slopes;
        double* const parameters[3] = {&model.arrayVariance, &model.columnVariance,
                                       &model.threshold};
        for (std::size_t p = 0; p < 3; ++p) {
            const double at = *parameters[p];
            const double step = 1e-4 * std::max(std::fabs(at), 1e-3);
            *parameters[p] = at + step;
            const double above = logLikelihood(model, failing, 20);
            *parameters[p] = at - step;
            const double below = logLikelihood(model, failing, 20);
            *parameters[p] = at;
            EXPECT_NEAR(slopes[p], (above - below) / (2 * step), 1e-3 * (1 + std::fabs(slopes[p])))
                << p;
        }
    }
}

TEST(ColumnLikelihood, IsFiniteHoweverUnlikelyTheCounts) {
    for (const ColumnModel& model : models()) {
        for (const std::vector<std::uint32_t>& failing :
             {std::vector<std::uint32_t>(64, 2048), std::vector<std::uint32_t>(64, 0), {2048, 0}}) {
            const double log = logLikelihood(model, failing, 2048);
            EXPECT_TRUE(std::isfinite(log) && log < 0);
        }
    }
}

}  // namespace
}  // namespace brownout
