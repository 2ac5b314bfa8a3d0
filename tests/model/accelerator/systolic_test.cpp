// Are the closed forms of a systolic array those of its cycles, one by one, and the published ones?

#include "model/accelerator/systolic.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/model/accelerator/shapes.h"
#include "tests/model/accelerator/simulated_array.h"

namespace brownout::test {
namespace {

ProductUse useOf(const ComputeArray& array, const ProductShape& product,
                 const Room& room = {kAmple, kAmple, kAmple}) {
    return systolicUse(array, product, 1, room, {8, 8, 32});
}

struct PublishedRow {
    const char* name;
    Dataflow dataflow;
    ProductShape product;
    std::uint64_t cycles, inputs, weights, outputs;
};

TEST(SystolicArray, CountsWhatScaleSimPublishes) {
    // Reported output of SCALE-Sim, 32 x 32 (REFERENCE 9): its count of cycles is one less, and for
    // output-stationary it counts R + C more writes a fold.
    ProductShape alexNet = square(224, 3, 96, 11, 4, 0);
    alexNet.out = {1, 55, 55};  // the tool's arithmetic
    const PublishedRow rows[] = {
        {"WS", Dataflow::kWeightStationary, matrix(256, 256, 128), 11199, 262144, 32768, 262144},
        {"OS", Dataflow::kOutputStationary, matrix(256, 256, 128), 10175, 262144, 262144, 32768},
        {"IS", Dataflow::kInputStationary, matrix(256, 256, 128), 14207, 65536, 262144, 262144},
        {"AlexNet", Dataflow::kWeightStationary, alexNet, 112283, 3294225, 34848, 3484800},
    };
    for (const PublishedRow& row : rows) {
        const ProductUse use = useOf(arrayOf(32, 32, row.dataflow), row.product);
        EXPECT_EQ(use.array.cycles, row.cycles + 1) << row.name;
        EXPECT_EQ(use.array.inputReads, row.inputs) << row.name;
        EXPECT_EQ(use.array.weightReads, row.weights) << row.name;
        EXPECT_EQ(use.array.sumWrites, row.outputs) << row.name;
    }
}

/// The buffers of the tutorial: as large as its mapping holds of each operand.
Room tutorialRoom(std::uint64_t filtersOfTile) { return {3, 3 * filtersOfTile, 16 * 32}; }

TEST(SystolicArray, CountsWhatTheTutorialOfTimeloopPublishes) {
    // One multiplier that reads its operands from the buffer: a convolution of 18 inputs with
    // kernels of 3 (REFERENCE 9).
    ProductShape convolution;
    convolution.in[1] = 18;
    convolution.out[1] = 16;
    convolution.kernel[1] = 3;
    for (const Dataflow dataflow : {Dataflow::kOutputStationary, Dataflow::kWeightStationary}) {
        ComputeArray array = arrayOf(1, 1, dataflow);
        array.registers = false;
        convolution.filters = 1;
        const ProductUse use = useOf(array, convolution, {18, 3, 16});
        EXPECT_EQ(use.array.cycles, 48U);
        EXPECT_EQ(use.array.weightReads, 48U);
        EXPECT_EQ(use.array.inputReads, 48U);
        EXPECT_EQ(use.array.sumReads, 32U);
        EXPECT_EQ(use.array.sumWrites, 48U);
        EXPECT_EQ(use.dram.weights, 3U);
        EXPECT_EQ(use.dram.inputs, 18U);
        EXPECT_EQ(use.dram.sumReads, 0U);  // 16 results leave: account_test
    }
    ComputeArray array = arrayOf(1, 1, Dataflow::kOutputStationary);
    array.registers = false;
    convolution.filters = 32;
    const ProductUse one = useOf(array, convolution, tutorialRoom(1));
    EXPECT_EQ(one.array.weightReads, 1536U);
    EXPECT_EQ(one.array.inputReads, 1536U);
    EXPECT_EQ(one.array.sumReads, 1024U);
    EXPECT_EQ(one.array.sumWrites, 1536U);
    EXPECT_EQ(one.dram.weights, 96U);
    EXPECT_EQ(one.dram.inputs, 576U);
    const ProductUse two = useOf(array, convolution, tutorialRoom(2));
    EXPECT_EQ(two.dram.weights, 96U);
    EXPECT_EQ(two.dram.inputs, 288U);
}

/// Draws a small product: strides, dilations, groups, padding and ragged edges included.
ProductShape randomProduct(std::mt19937& random) {
    const auto draw = [&](std::uint64_t low, std::uint64_t high) {
        return low + random() % (high - low + 1);
    };
    ProductShape product;
    product.images = draw(1, 2);
    product.groups = draw(1, 3);
    product.channels = draw(1, 5);
    product.filters = draw(1, 7);
    for (std::size_t axis = draw(0, 9) == 0 ? 0 : 1; axis < 3; ++axis) {
        product.kernel[axis] = draw(1, 3);
        product.stride[axis] = draw(1, 3);
        product.dilation[axis] = draw(1, 2);
        const std::uint64_t span = (product.kernel[axis] - 1) * product.dilation[axis] + 1;
        product.padding[axis] = draw(0, span - 1);
        product.in[axis] = span + draw(0, axis == 0 ? 1 : 4);
        product.out[axis] = (product.in[axis] + product.padding[axis] + draw(0, span - 1) - span) /
                                product.stride[axis] +
                            1;
    }
    return product;
}

TEST(SystolicArray, IsTheSimulationOfItsCycles) {
    std::mt19937 random(12);
    const Dataflow dataflows[] = {Dataflow::kWeightStationary, Dataflow::kOutputStationary,
                                  Dataflow::kInputStationary};
    for (int trial = 0; trial < 1002; ++trial) {
        const ProductShape product = randomProduct(random);
        const ComputeArray array =
            arrayOf(1 + random() % 5, 1 + random() % 5, dataflows[trial % 3]);
        const SimulatedUse simulated = simulate(array, product, random);
        ASSERT_TRUE(simulated.resultsAreRight) << trial;
        const ProductUse use = useOf(array, product);
        ASSERT_EQ(use.array.cycles, simulated.cycles) << trial;
        ASSERT_EQ(use.array.inputReads, simulated.inputReads) << trial;
        ASSERT_EQ(use.array.weightReads, simulated.weightReads) << trial;
        ASSERT_EQ(use.array.sumReads, simulated.sumReads) << trial;
        ASSERT_EQ(use.array.sumWrites, simulated.sumWrites) << trial;
        ASSERT_EQ(product.macs(), simulated.macs) << trial;
        ASSERT_EQ(touchedInputs(product, 1), simulated.touchedInputs) << trial;
    }
}

}  // namespace
}  // namespace brownout::test
