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

/// Returns the counts of one image under a task.
TrialCounts countsOf(const Task& task, double clean, double faulty) {
    Dataset::Content content;
    content.shape = {1, 1, 1};
    content.bytes = {0};
    content.labels = {0};
    TrialCounts counts;
    counts.images = 1;
    task.count({Span<const double>(&clean, 1), Span<const double>(&faulty, 1)},
               Dataset(std::move(content)), 0, counts);
    return counts;
}

TEST(Classification, ByTheLargestOutputFailsAllOtherClasses) {
    const auto task = classification();
    EXPECT_EQ(task->name(), "top-1");
    ASSERT_EQ(task->measures().size(), 2U);
    EXPECT_EQ(task->measures()[0].key, "error");
    const std::vector<float> outputs{0.F, 5.F, 5.F};
    const double right = task->score(outputs, {1, {}});
    for (const std::int32_t label : {0, 2}) {  // the lower of equals is chosen
        const TrialCounts counts = countsOf(*task, right, task->score(outputs, {label, {}}));
        EXPECT_EQ(counts.wrongClean, 0U);
        EXPECT_EQ(counts.wrongPerturbed, 1U) << label;
        EXPECT_EQ(counts.wrongEither, 1U);
        EXPECT_EQ(counts.wrongPerturbedTop, std::nullopt);
    }
}

TEST(Classification, MarginsAreDistancesToTheOtherAnswer) {
    const auto task = classification();
    const std::vector<float> outputs{1.F, 7.F, 4.F};
    EXPECT_EQ(task->margin(outputs, 1), 3) << "right: to the second";
    EXPECT_EQ(task->margin(outputs, 0), 6) << "wrong: from its class to the largest";
    EXPECT_EQ(task->margin(outputs, 2), 3);
    EXPECT_EQ(task->margin(outputs, kNoLabel), 3) << "no class: to the second";
    EXPECT_EQ(task->margin(outputs, 9), 3);
    EXPECT_EQ(task->margin(std::vector<float>{5.F}, 0), 0);
}

TEST(Classification, AmongTheTopKCountsASecondError) {
    EXPECT_THROW(classification(0), UsageError);
    std::mt19937 random(6);
    for (std::uint32_t top = 2; top <= 5; ++top) {
        const auto task = classification(top);
        EXPECT_EQ(task->name(), "top-" + std::to_string(top));
        ASSERT_EQ(task->measures().size(), 4U);
        EXPECT_EQ(task->measures()[2].key, "error_top" + std::to_string(top));
        const auto expectCounts = [&](double score, bool wrong, bool wrongTop) {
            const TrialCounts faulty = countsOf(*task, 0, score);
            EXPECT_EQ(faulty.wrongPerturbed, wrong ? 1U : 0U);
            EXPECT_EQ(faulty.wrongPerturbedTop, wrongTop ? 1U : 0U);
            EXPECT_EQ(faulty.wrongEitherTop, wrongTop ? 1U : 0U);
            EXPECT_EQ(countsOf(*task, score, 0).wrongCleanTop, wrongTop ? 1U : 0U);
        };
        for (int round = 0; round < 500; ++round) {
            std::vector<float> outputs(8);
            for (float& output : outputs) output = static_cast<float>(random() % 6);
            const auto order = sorted(outputs);
            for (std::size_t rank = 0; rank < order.size(); ++rank) {
                expectCounts(task->score(outputs, {static_cast<int>(order[rank]), {}}), rank > 0,
                             rank >= top);
            }
            outputs[round % 8] = std::numeric_limits<float>::quiet_NaN();
            expectCounts(task->score(outputs, {3, {}}), true, true);
        }
    }
}

}  // namespace
}  // namespace brownout
