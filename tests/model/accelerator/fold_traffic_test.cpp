// Is the DRAM traffic of an order of folds that of a walk through it, and does room decide it?

#include "model/accelerator/fold_traffic.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/model/accelerator/fold_oracle.h"
#include "tests/model/accelerator/shapes.h"

namespace brownout::test {
namespace {

const Dataflow kDataflows[] = {Dataflow::kWeightStationary, Dataflow::kOutputStationary,
                               Dataflow::kInputStationary};

TEST(FoldTraffic, IsThatOfAWalkThroughTheFolds) {
    std::mt19937 random(3);
    const auto draw = [&](std::uint64_t low, std::uint64_t high) {
        return low + random() % (high - low + 1);
    };
    for (int trial = 0; trial < 3000; ++trial) {
        const std::uint64_t m = draw(1, 12), k = draw(1, 12), n = draw(1, 12);
        const ComputeArray array =
            arrayOf(static_cast<std::uint32_t>(draw(1, 5)), static_cast<std::uint32_t>(draw(1, 5)),
                    kDataflows[trial % 3]);
        const Room room{draw(0, 150), draw(0, 150), draw(0, 150)};
        const FoldOrder order{draw(0, 1) == 1, draw(1, 6)};
        const DramUse closed = trafficOf(array, matrix(m, k, n), 1, room, order).dram;
        const DramUse walked = walkedTraffic(array, m, k, n, room, order);
        ASSERT_EQ(closed.weights, walked.weights) << trial;
        ASSERT_EQ(closed.sumReads, walked.sumReads) << trial;
        ASSERT_EQ(closed.sumWrites, walked.sumWrites) << trial;
        ASSERT_EQ(closed.inputs, walked.inputs) << trial;
    }
}

TEST(FoldTraffic, TheChosenOrderIsTheBestOfAll) {
    std::mt19937 random(4);
    for (int trial = 0; trial < 300; ++trial) {
        const ProductShape product =
            square(6 + random() % 9, 1 + random() % 9, 1 + random() % 40, 1 + random() % 3, 1, 0);
        const ComputeArray array =
            arrayOf(1 + static_cast<std::uint32_t>(random() % 5),
                    1 + static_cast<std::uint32_t>(random() % 5), kDataflows[trial % 3]);
        const Room room{random() % 400, random() % 400, random() % 4000};
        const ElementBits bits{8, 8, 32};
        const auto moved = [&](const DramUse& use) {
            return use.inputs * 8 + use.weights * 8 + (use.sumReads + use.sumWrites) * 32;
        };
        const std::uint64_t chosen = moved(leastTraffic(array, product, 1, room, bits).dram);
        for (std::uint64_t tile = 1; tile <= 60; ++tile) {
            for (const bool columnsOutside : {true, false}) {
                EXPECT_LE(chosen,
                          moved(trafficOf(array, product, 1, room, {columnsOutside, tile}).dram))
                    << trial << ", tile " << tile;
            }
        }
    }
}

TEST(FoldTraffic, FallsWithRoomFromEveryReadToEachElementOnce) {
    const ProductShape product = square(16, 24, 40, 3, 1, 1);
    const std::uint64_t once = 16 * 16 * 24;
    for (const Dataflow dataflow : kDataflows) {
        const ComputeArray array = arrayOf(8, 8, dataflow);
        const ElementBits bits{8, 8, 32};
        std::uint64_t before = ~std::uint64_t{0};
        for (std::uint64_t room = 0; room <= 20000; room += 250) {
            const DramUse use = leastTraffic(array, product, 1, {room, room, room}, bits).dram;
            const std::uint64_t moved =
                use.inputs + use.weights + 4 * (use.sumReads + use.sumWrites);
            EXPECT_LE(moved, before) << nameOf(dataflow) << " " << room;
            before = moved;
        }
        const DramUse ample = leastTraffic(array, product, 1, {kAmple, kAmple, kAmple}, bits).dram;
        EXPECT_EQ(ample.inputs, once);
        EXPECT_EQ(ample.weights, product.weights());
        EXPECT_EQ(ample.sumReads, 0U);
        // Without any room every read of the array is one of the DRAM, but for the padding.
        const DramUse none = leastTraffic(array, product, 1, {0, 0, 0}, bits).dram;
        const ArrayUse reads = systolicUse(array, product, 1, {kAmple, kAmple, kAmple}, bits).array;
        EXPECT_GE(none.inputs, once);
        EXPECT_LE(none.inputs, reads.inputReads);
        EXPECT_EQ(none.weights, reads.weightReads);
        EXPECT_EQ(none.sumReads, reads.sumReads);
    }
}

}  // namespace
}  // namespace brownout::test
