#include "model/accelerator/weight_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "model/accelerator/account.h"

// Do weights come in the order in which an array that is walked through by hand takes them?

namespace brownout {
namespace {

/// Walks through the folds of a weight-stationary array.
std::vector<std::uint32_t> walked(const WeightBlocks& blocks, std::uint64_t depth,
                                  std::uint64_t filters) {
    // All pairs of blocks, sorted as the description says.
    struct Weight {
        std::uint64_t tile, inner, outer, n, k;
    };
    std::vector<Weight> weights;
    for (std::uint64_t n = 0; n < filters; ++n) {
        for (std::uint64_t k = 0; k < depth; ++k) {
            const std::uint64_t f = n / blocks.filters, d = k / blocks.depth;
            const std::uint64_t outer = blocks.filtersOutside ? f : d;
            weights.push_back({outer / blocks.tile, blocks.filtersOutside ? d : f, outer, n, k});
        }
    }
    std::sort(weights.begin(), weights.end(), [](const Weight& a, const Weight& b) {
        return std::tie(a.tile, a.inner, a.outer, a.n, a.k) <
               std::tie(b.tile, b.inner, b.outer, b.n, b.k);
    });
    std::vector<std::uint32_t> order;
    for (const Weight& weight : weights) {
        order.push_back(static_cast<std::uint32_t>(weight.n * depth + weight.k));
    }
    return order;
}

TEST(WeightOrder, IsThatOfTheFoldsOfRandomProducts) {
    std::mt19937 random(5);
    const auto upTo = [&](std::uint64_t most) { return 1 + random() % most; };
    for (int run = 0; run < 500; ++run) {
        const WeightBlocks blocks{upTo(9), upTo(9), random() % 2 == 0, upTo(4)};
        const std::uint64_t depth = upTo(40), filters = upTo(40);
        ASSERT_EQ(weightOrder(blocks, depth, filters), walked(blocks, depth, filters)) << run;
    }
}

TEST(WeightOrder, OfADataflowIsThatOfWhatLiesOverItsArray) {
    // 4 x 3 elements, depth 6, 5 filters; room for everything, so that one tile holds.
    const auto blocksOf = [](Dataflow dataflow) {
        ComputeArray array;
        array.rows = 4;
        array.columns = 3;
        array.dataflow = dataflow;
        ProductShape product;
        product.channels = 6;
        product.filters = 5;
        product.in = product.out = {1, 1, 7};
        return systolicUse(array, product, 1, {1000, 1000, 1000}, {}).blocks;
    };
    const WeightBlocks weights = blocksOf(Dataflow::kWeightStationary);
    EXPECT_EQ(weights.depth, 4U);
    EXPECT_EQ(weights.filters, 3U);
    const WeightBlocks outputs = blocksOf(Dataflow::kOutputStationary);
    EXPECT_EQ(outputs.depth, 6U);
    EXPECT_EQ(outputs.filters, 3U);
    const WeightBlocks inputs = blocksOf(Dataflow::kInputStationary);
    EXPECT_EQ(inputs.depth, 4U);
    EXPECT_EQ(inputs.filters, 5U);
}

}  // namespace
}  // namespace brownout
