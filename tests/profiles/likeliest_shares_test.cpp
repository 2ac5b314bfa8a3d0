// The most likely shares and their errors against arrays drawn for the purpose.

#include "profiles/statistics/likelihood/likeliest_shares.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "profiles/generator/normal.h"
#include "tests/sanitized.h"

namespace brownout {
namespace {

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

/// As a fit has it, with the pairs of cells that lie in rows of the counted number.
LineShares sharesOf(const std::vector<ArrayColumns>& arrays, std::uint32_t rows) {
    PairSums pairs;
    for (const ArrayColumns& array : arrays) {
        const auto columns = static_cast<std::uint32_t>(array.failing.size());
        const SramGeometry geometry{1, rows, columns, 1};
        std::vector<FaultyCell> cells;
        for (std::uint32_t c = 0; c < columns; ++c) {
            for (std::uint32_t i = 0; i < array.failing[c]; ++i) {
                const std::uint32_t row = (i + 7 * c) % rows;
                cells.push_back(
                    {static_cast<std::uint32_t>(cellAt(geometry, {0, row, c})), 1, 1, 1});
            }
        }
        pairs.add(pairsOf(LineCounts(geometry, {cells.data(), cells.size()})));
    }
    return likeliestShares(arrays, rows, pairs);
}

double varianceOf(const ColumnModel& model) {
    return 1 + model.arrayVariance + model.columnVariance;
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

// Estimates of 200 sets of 100 arrays: each mean within 4 standard errors of what was planted, the
// stated error within 4 standard errors (20 %) of their scatter: a false alarm in about 4000 tries,
// were the seed not fixed.
TEST_P(PlantedColumns, AreFoundWithTheErrorThatIsStated) {
    constexpr int kSets = test::kSanitized ? 40 : 200;
    const ColumnModel model = GetParam().model;
    std::mt19937 random(7);
    double sum[2] = {}, squares[2] = {}, errors[2] = {};
    for (int i = 0; i < kSets; ++i) {
        const LineShares shares = sharesOf(drawn(model, 100, GetParam().columns, 64, random), 64);
        int k = 0;
        for (const Estimated& share : {shares.array, shares.column}) {
            sum[k] += share.value;
            squares[k] += share.value * share.value;
            errors[k++] += share.error.value();
        }
    }
    const double planted[2] = {model.arrayVariance / varianceOf(model),
                               model.columnVariance / varianceOf(model)};
    for (int k = 0; k < 2; ++k) {
        const double mean = sum[k] / kSets;
        const double scatter = std::sqrt((squares[k] / kSets - mean * mean) * kSets / (kSets - 1));
        EXPECT_NEAR(mean, planted[k], 4 * scatter / std::sqrt(kSets) + 0.005) << k;
        EXPECT_NEAR(errors[k] / kSets, scatter, 4 * scatter / std::sqrt(2 * kSets)) << k;
    }
}

INSTANTIATE_TEST_SUITE_P(Models, PlantedColumns,
                         testing::Values(Planted{{0.3, 0.8, 2.2}, 16}, Planted{{2, 0.5, 1}, 6},
                                         Planted{{3, 3, 1}, 2}),
                         [](const auto& test) { return "Model" + std::to_string(test.index); });

TEST(LikeliestShares, FindsNothingWhereCellsAreIndependent) {
    std::mt19937 random(3);
    const LineShares shares = sharesOf(drawn({0, 0, 1.7}, 100, 32, 256, random), 256);
    EXPECT_NEAR(shares.array.value, 0, 1e-3);
    EXPECT_NEAR(shares.column.value, 0, 1e-3);
}

TEST(LikeliestShares, StaysSensibleWhereTheCountsAreOdd) {
    std::mt19937 random(5);
    const auto sensible = [](const std::vector<ArrayColumns>& arrays, std::uint32_t rows) {
        const LineShares shares = sharesOf(arrays, rows);
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
