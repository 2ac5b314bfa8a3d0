#include "emulation/task.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "base/error.h"
#include "inference/ranking.h"

namespace brownout {
namespace {

/// The oracle: all classes sorted, the largest output first, equal ones by their number.
std::vector<std::size_t> sorted(const std::vector<float>& outputs) {
    std::vector<std::size_t> order(outputs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return outputs[a] > outputs[b]; });
    return order;
}

TEST(Ranking, IsThatOfAStableSortAlsoAmongEqualsAndInfinities) {
    std::mt19937 random(5);
    const float infinity = std::numeric_limits<float>::infinity();
    const std::vector<float> values{-infinity, -2.F, -0.F, 0.F, 1.F, 1.5F, infinity};
    for (int round = 0; round < 2000; ++round) {
        std::vector<float> outputs(1 + random() % 12);
        for (float& output : outputs) output = values[random() % values.size()];
        const auto order = sorted(outputs);
        EXPECT_EQ(firstOf(outputs), order[0]);
        for (std::size_t rank = 0; rank < order.size(); ++rank) {
            EXPECT_EQ(rankOf(outputs, order[rank]), rank);
        }
    }
}

TEST(Ranking, IsNoneWhereAnyOutputIsNoNumber) {
    std::vector<float> outputs{3.F, 2.F, 1.F};
    for (float& output : outputs) {
        const float before = output;
        output = std::numeric_limits<float>::quiet_NaN();
        EXPECT_EQ(firstOf(outputs), std::nullopt);
        for (std::size_t label = 0; label < 3; ++label) EXPECT_EQ(rankOf(outputs, label), 3U);
        output = before;
    }
}

TEST(Classification, ByTheLargestOutputFailsAllOtherClasses) {
    const auto task = classification();
    EXPECT_EQ(task->name(), "top-1");
    EXPECT_EQ(task->criteria(), 1U);
    const std::vector<float> outputs{0.F, 5.F, 5.F};
    EXPECT_EQ(task->score(outputs, 0), 1);
    EXPECT_EQ(task->score(outputs, 1), 0);
    EXPECT_EQ(task->score(outputs, 2), 1) << "the lower of equals is chosen";
}

TEST(Classification, AmongTheTopKCountsASecondError) {
    EXPECT_THROW(classification(0), UsageError);
    std::mt19937 random(6);
    for (std::uint32_t top = 2; top <= 5; ++top) {
        const auto task = classification(top);
        EXPECT_EQ(task->name(), "top-" + std::to_string(top));
        EXPECT_EQ(task->criteria(), 2U);
        for (int round = 0; round < 500; ++round) {
            std::vector<float> outputs(8);
            for (float& output : outputs) output = static_cast<float>(random() % 6);
            const auto order = sorted(outputs);
            for (std::size_t rank = 0; rank < order.size(); ++rank) {
                const Outcome expected = (rank > 0 ? 1U : 0U) | (rank >= top ? 2U : 0U);
                EXPECT_EQ(task->score(outputs, static_cast<int>(order[rank])), expected);
            }
            outputs[round % 8] = std::numeric_limits<float>::quiet_NaN();
            EXPECT_EQ(task->score(outputs, 3), 3) << "fails all";
        }
    }
}

}  // namespace
}  // namespace brownout
