// Integer kernels of every instruction set, VNNI or not, against each other: whole layers are held
// to their definition in integer_engine_test.cpp, which sees the best of them only.

#include <gtest/gtest.h>

#include <random>

#include "inference/kernels/integer_dispatch.h"
#include "inference/plan/integer_weights.h"

namespace brownout {
namespace {

/// A convolution 3x3 of a padded input, for any number of lanes.
struct Layer {
    std::int32_t channels = 1, rows = 1, height = 1, width = 1;
    std::vector<std::int32_t> packed, bias;
    std::vector<float> factors;
    std::unique_ptr<IntegerWeights> weights;

    explicit Layer(std::mt19937& random) {
        const auto between = [&random](std::int32_t low, std::int32_t high) {
            return std::uniform_int_distribution<std::int32_t>(low, high)(random);
        };
        channels = between(1, 24);
        rows = between(1, 24);
        height = between(1, 17);
        width = between(1, 17);
        IntegerWeightSizes sizes;
        sizes.rows = static_cast<std::size_t>(rows);
        sizes.channels = static_cast<std::size_t>(channels);
        sizes.kernel = {3, 3};
        sizes.winograd = true;
        weights = std::make_unique<IntegerWeights>(sizes, 0);
        packed.resize(weights->size());
        const std::size_t elements = sizes.rows * sizes.channels * 9;
        for (std::size_t e = 0; e < elements; ++e) {
            weights->set(packed.data(), e, between(-255, 255));
        }
        for (std::size_t row = 0; row < weights->paddedRows(); ++row) {
            bias.push_back(between(-100000, 100000));
            factors.push_back(static_cast<float>(between(1, 1000)) * 1e-7F);
        }
    }

    std::int32_t pairs() const { return (channels + 1) / 2; }
    std::int32_t rowPairs() const { return (rows + 1) / 2; }
    std::int32_t rowStep() const { return (width + 3) / 4 * 4 + 2; }
    std::int32_t planeStep() const { return rowStep() * ((height + 3) / 4 * 4 + 2); }

    /// Returns results without what lies beyond the last row.
    std::vector<std::int32_t> run(const kernels::IntegerKernels& kernels, bool winograd) const {
        const auto lanes = static_cast<std::size_t>(kernels.lanes);
        std::vector<std::int32_t> input(static_cast<std::size_t>(pairs() * planeStep()) * lanes);
        for (std::size_t i = 0; i < input.size(); ++i) {
            // Lane by lane the same values for any number of lanes.
            const auto bits =
                static_cast<std::uint32_t>(i / lanes * 31 + i % lanes % 4 + 1) * 2654435761U;
            const std::uint32_t low = (bits >> 20) % 511 - 255U;
            const std::uint32_t high = (bits >> 10) % 511 - 255U;
            input[i] = static_cast<std::int32_t>((low & 0xffffU) | high << 16);
        }
        const auto outputs = static_cast<std::size_t>(rowPairs() * height * width);
        std::vector<std::int32_t> output(outputs * lanes);
        const kernels::Requantize to = {bias.data(), factors.data(), -128, 127, false};
        std::vector<std::int32_t> offsets;
        for (std::int32_t run = 0; run < 3 * pairs(); ++run) {
            offsets.push_back(run / 3 * planeStep() + run % 3 * rowStep());
        }
        std::vector<std::int32_t> scratch(winogradScratchWords(pairs(), rows, kernels.lanes));
        if (winograd) {
            kernels::IntegerWinogradArgs a{};
            a.input = input.data();
            a.weights = packed.data() + weights->transformedAt();
            a.output = output.data();
            a.scratch = scratch.data();
            a.pairs = pairs();
            a.rows = rows;
            a.inputPairStep = planeStep();
            a.inputRowStep = rowStep();
            a.pairStep = height * width;
            a.outputRowStep = width;
            a.height = height;
            a.width = width;
            a.to = to;
            kernels.winograd(a);
        } else {
            kernels::IntegerConvolveArgs a{};
            a.input = input.data();
            a.weights = packed.data() + weights->directAt();
            a.output = output.data();
            a.runOffsets = offsets.data();
            a.runs = static_cast<std::int32_t>(offsets.size());
            a.taps = 3;
            a.tapStep = 1;
            a.units = 1;
            a.rows = rows;
            a.rowBlock = static_cast<std::int32_t>(weights->rowBlock());
            a.grid[0] = height;
            a.grid[1] = width;
            a.gridStep[0] = rowStep();
            a.gridStep[1] = 1;
            a.outputStep[0] = width;
            a.outputStep[1] = 1;
            a.pairStep = height * width;
            a.to = to;
            kernels.convolve(a);
        }
        std::vector<std::int32_t> first;  // the first four lanes
        for (std::size_t i = 0; i < outputs * 4; ++i) {
            std::int32_t word = output[i / 4 * lanes + i % 4];
            const bool last = i / 4 / static_cast<std::size_t>(height * width) + 1 ==
                              static_cast<std::size_t>(rowPairs());
            if (last && rows % 2 != 0) word &= 0xffff;
            first.push_back(word);
        }
        return first;
    }
};

TEST(IntegerKernels, GiveTheSameOnEveryInstructionSetInDirectOrderAndByWinograd) {
    std::mt19937 random(1);
    for (int i = 0; i < 30; ++i) {
        const Layer layer(random);
        const auto expected = layer.run(kernels::kIntegerBaseline, false);
        for (const kernels::IntegerKernels* kernels : availableIntegerKernels()) {
            EXPECT_EQ(layer.run(*kernels, false), expected) << kernels->name << ", layer " << i;
            EXPECT_EQ(layer.run(*kernels, true), expected) << kernels->name << ", layer " << i;
        }
    }
}

}  // namespace
}  // namespace brownout
