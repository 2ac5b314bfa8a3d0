// The likelihood of counts by column against closed forms and a plain sum, its maximum and errors
// against chips drawn for the purpose.

#include "profiles/statistics/column_likelihood.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "profiles/generator/normal.h"
#include "profiles/statistics/gaussian_pairs.h"

namespace brownout {
namespace {

double logLikelihood(const ColumnModel& model, const std::vector<std::uint32_t>& failing,
                     std::uint32_t rows) {
    return columnLikelihoods(model, {{0, failing}}, rows).front().log;
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
        const auto slopes = columnLikelihoods(model, {{0, failing}}, 20).front().slopes;
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

std::vector<ArrayColumns> drawn(const ColumnModel& model, std::uint32_t arrays,
                                std::uint32_t columns, std::uint32_t rows, std::mt19937& random) {
    std::normal_distribution<double> normal;
    std::vector<ArrayColumns> all;
    for (std::uint32_t a = 0; a < arrays; ++a) {
        const double height = std::sqrt(model.arrayVariance) * normal(random) - model.threshold;
        all.push_back({a, {}});
        for (std::uint32_t c = 0; c < columns; ++c) {
            const double z = height + std::sqrt(model.columnVariance) * normal(random);
            all.back().failing.push_back(
                std::binomial_distribution<std::uint32_t>(rows, normalDistribution(z))(random));
        }
    }
    return all;
}

struct Planted {
    ColumnModel model;
    std::uint32_t columns;  ///< of an array
};

void PrintTo(const Planted& planted, std::ostream* out) {
    *out << planted.model.arrayVariance << ", " << planted.model.columnVariance << ", "
         << planted.columns << " columns";
}

class PlantedColumns : public testing::TestWithParam<Planted> {};

// Estimates of 200 sets of 100 arrays: each mean within 4 standard errors of what was planted,
// their scatter within 20 % of the stated error, which is 4 standard errors of a scatter: a false
// alarm in about 4000 tries, were the seed not fixed.
TEST_P(PlantedColumns, AreFoundWithTheErrorThatIsStated) {
    constexpr int kSets = 200;
    const ColumnModel model = GetParam().model;
    std::mt19937 random(7);
    double sum[2] = {}, squares[2] = {}, errors[2] = {};
    for (int i = 0; i < kSets; ++i) {
        const LineShares shares =
            likeliestShares(drawn(model, 100, GetParam().columns, 64, random), 64);
        int k = 0;
        for (const Estimated& share : {shares.array, shares.column}) {
            sum[k] += share.value;
            squares[k] += share.value * share.value;
            errors[k++] += share.error.value();
        }
    }
    const double planted[2] = {model.arrayVariance / variance(model),
                               model.columnVariance / variance(model)};
    for (int k = 0; k < 2; ++k) {
        const double mean = sum[k] / kSets;
        const double scatter = std::sqrt((squares[k] / kSets - mean * mean) * kSets / (kSets - 1));
        EXPECT_NEAR(mean, planted[k], 4 * scatter / std::sqrt(kSets) + 0.005) << k;
        EXPECT_NEAR(errors[k] / kSets, scatter, 0.2 * scatter) << k;
    }
}

INSTANTIATE_TEST_SUITE_P(Models, PlantedColumns,
                         testing::Values(Planted{{0.3, 0.8, 2.2}, 16}, Planted{{2, 0.5, 1}, 6},
                                         Planted{{3, 3, 1}, 2}),
                         [](const auto& test) { return "Model" + std::to_string(test.index); });

TEST(ColumnLikelihood, FindsNothingWhereCellsAreIndependent) {
    std::mt19937 random(3);
    const LineShares shares = likeliestShares(drawn({0, 0, 1.7}, 100, 32, 256, random), 256);
    EXPECT_NEAR(shares.array.value, 0, 1e-3);
    EXPECT_NEAR(shares.column.value, 0, 1e-3);
}

TEST(ColumnLikelihood, StaysSensibleWhereTheCountsAreOdd) {
    std::mt19937 random(5);
    const auto sensible = [](const std::vector<ArrayColumns>& arrays, std::uint32_t rows) {
        const LineShares shares = likeliestShares(arrays, rows);
        for (const Estimated& share : {shares.array, shares.column}) {
            EXPECT_GE(share.value, 0);
            EXPECT_LE(share.value, 1);
            EXPECT_TRUE(!share.error || std::isfinite(*share.error));
        }
    };
    auto broken = drawn({0.1, 0.5, 3}, 40, 16, 128, random);
    broken[3].failing[2] = broken[17].failing[0] = 128;  // broken columns
    sensible(broken, 128);
    sensible({{0, {1}}}, 1);
    sensible({{0, {0, 0}}, {1, {64, 64}}}, 64);
    sensible({{0, {64, 63}}, {1, {64, 64}}}, 64);
    sensible(std::vector<ArrayColumns>(50, {0, {0, 128, 0, 128}}), 128);
    sensible({{0, {0, 0}}, {1, {0, 0}}, {2, {0, 1}}, {3, {0, 0}}, {4, {0, 0}}}, 512);
}

}  // namespace
}  // namespace brownout
