// Do the steps of a plan give what each operator by itself would: in memory that is shared, merged
// into one another, and on inputs that are unfolded?

#include "inference/plan/plan.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/processor.h"
#include "inference/engines/float_engine.h"
#include "inference/kernels/dispatch.h"
#include "inference/plan/builder.h"
#include "tests/inference/residual_network.h"

namespace brownout {
namespace {

TEST(Plan, BuffersThatAreInUseTogetherDoNotOverlap) {
    // Many values of different sizes and lives: a random graph of copies, negations and
    // joins. A value that is overwritten too early changes the result.
    std::mt19937 random(11);
    Network network;
    network.file = "random";
    network.opset = 13;
    network.inputs = {{"v0", {1, 4}}};
    std::vector<std::vector<float>> values = {{1, 2, 3, 4}};
    for (int n = 1; n <= 400; ++n) {
        const std::size_t a = random() % values.size();
        Node node;
        node.name = "v" + std::to_string(n);
        node.outputs = {node.name};
        std::vector<float> made;
        if (random() % 3 == 0 || values[a].size() > 40) {
            const std::size_t b = random() % values.size();
            node.op = "Concat";
            node.attributes["axis"] = std::int64_t{1};
            const bool both = values[a].size() + values[b].size() < 60;
            node.inputs = {"v" + std::to_string(a)};
            made = values[a];
            if (both) {
                node.inputs.push_back("v" + std::to_string(b));
                made.insert(made.end(), values[b].begin(), values[b].end());
            }
        } else {
            node.op = "Neg";
            node.inputs = {"v" + std::to_string(a)};
            for (const float value : values[a]) made.push_back(-value);
        }
        values.push_back(made);
        network.nodes.push_back(node);
    }
    Node sum;
    sum.name = "out";
    sum.op = "Concat";
    sum.attributes["axis"] = std::int64_t{1};
    sum.outputs = {"out"};
    std::vector<float> expected;
    for (int i = 0; i < 60; ++i) {
        const std::size_t n = random() % values.size();
        sum.inputs.push_back("v" + std::to_string(n));
        expected.insert(expected.end(), values[n].begin(), values[n].end());
    }
    network.nodes.push_back(sum);
    network.outputs = {{"out", {}}};
    FloatEngine engine(network);
    std::vector<float> outputs(engine.outputs());
    engine.run(values[0].data(), 1, outputs.data());
    EXPECT_EQ(outputs, expected);
}

TEST(Plan, AMergedSumIsTheSumOfItsOwnStepBitByBit) {
    Random random(17);
    Network merged = residualNetwork(random, 5, 6);
    // The same with the convolution's result seen by another reader, so that nothing may be merged
    // into it.
    Network apart = merged;
    apart.outputs.push_back({"b", {}});
    for (const std::string& set : availableInstructionSets()) {
        for (const Summation summation : {Summation::kDirect, Summation::kFast}) {
            FloatEngine one(merged, set, summation);
            FloatEngine other(apart, set, summation);
            const std::vector<float> images = randomFloats(random, 5 * one.imageElements());
            EXPECT_EQ(bitsOf(one, images), bitsOf(other, images)) << set;
        }
    }
}

/// A convolution, a Relu and a pooling, of random sizes, large enough to be made in rows.
Network pooledNetwork(Random& random, const std::string& op) {
    const std::int64_t rows = between(random, 17, 25);
    const std::int64_t kernel = between(random, 2, 4);
    Network network;
    network.file = "pooled";
    network.opset = 13;
    network.inputs = {{"x", {-1, 2, between(random, 70, 80), between(random, 70, 90)}}};
    network.parameters["w"] = {{rows, 2, kernel, kernel},
                               randomFloats(random, toSize(rows * 2 * kernel * kernel))};
    network.parameters["b"] = {{rows}, randomFloats(random, toSize(rows))};
    const auto pads = [&](std::int64_t most) {
        std::vector<std::int64_t> sizes;
        for (int i = 0; i < 4; ++i) {
            sizes.push_back(between(random, 0, static_cast<std::int32_t>(most)));
        }
        return sizes;
    };
    Node conv{"conv", "Conv", {"x", "w", "b"}, {"c"}, {}};
    conv.attributes["pads"] = pads(2);
    Node pool{"pool", op, {"r"}, {"out"}, {}};
    const std::int64_t window[2] = {between(random, 1, 5), between(random, 1, 5)};
    pool.attributes["kernel_shape"] = std::vector<std::int64_t>{window[0], window[1]};
    pool.attributes["strides"] =
        std::vector<std::int64_t>{between(random, 1, 3), between(random, 1, 3)};
    pool.attributes["pads"] = pads(std::min(window[0], window[1]) - 1);
    pool.attributes["ceil_mode"] = std::int64_t{between(random, 0, 1)};
    if (op == "AveragePool") pool.attributes["count_include_pad"] = std::int64_t{1};
    network.nodes = {conv, {"relu", "Relu", {"c"}, {"r"}, {}}, pool};
    network.outputs = {{"out", {}}};
    return network;
}

TEST(Plan, MaximaOfRowsAreThoseOfAStepOfTheirOwnBitByBit) {
    Random random(19);
    for (const std::string& set : availableInstructionSets()) {
        for (int repeat = 0; repeat < 25; ++repeat) {
            const bool isMaximum = repeat % 4 != 3;  // Means are a step of their own.
            const Network pooled = pooledNetwork(random, isMaximum ? "MaxPool" : "AveragePool");
            // The same with the Relu's result seen by another reader.
            Network apart = pooled;
            apart.outputs.push_back({"r", {}});
            const Shape shape = {1, 2, pooled.inputs[0].shape[2], pooled.inputs[0].shape[3]};
            ASSERT_EQ(makePlan(pooled, {shape}, kernelsFor(set)).steps.size() + (isMaximum ? 1 : 0),
                      makePlan(apart, {shape}, kernelsFor(set)).steps.size());
            FloatEngine one(pooled, set);
            FloatEngine other(apart, set);
            std::vector<float> images = randomFloats(random, 3 * one.imageElements());
            if (repeat % 5 == 0) images[between(random, 0, 5000)] = NAN;
            ASSERT_EQ(bitsOf(one, images), bitsOf(other, images)) << set << " repeat " << repeat;
        }
    }
}

TEST(Plan, RowsOfAnotherShapeAreNotPooledAsTheyAreMade) {
    // The pooling sees the convolution's 20 planes of 80 x 60 as 20 of 60 x 80.
    Random random(20);
    Network network;
    network.file = "reshaped";
    network.opset = 13;
    network.inputs = {{"x", {-1, 2, 80, 60}}};
    network.parameters["w"] = {{20, 2, 3, 3}, randomFloats(random, 360)};
    network.integers["shape"] = {{4}, {-1, 20, 60, 80}};
    Node conv{"conv", "Conv", {"x", "w"}, {"c"}, {}};
    conv.attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
    Node pool{"pool", "MaxPool", {"s"}, {"out"}, {}};
    pool.attributes["kernel_shape"] = std::vector<std::int64_t>{3, 2};
    network.nodes = {conv, {"reshape", "Reshape", {"c", "shape"}, {"s"}, {}}, pool};
    network.outputs = {{"out", {}}};
    Network apart = network;
    apart.outputs.push_back({"c", {}});
    for (const std::string& set : availableInstructionSets()) {
        FloatEngine one(network, set);
        FloatEngine other(apart, set);
        const std::vector<float> images = randomFloats(random, 3 * one.imageElements());
        EXPECT_EQ(bitsOf(one, images), bitsOf(other, images)) << set;
    }
}

TEST(Plan, StripsOfUnfoldedInputsGiveTheBitsOfInputsReadInPlace) {
    Random random(18);
    for (const std::string& set : availableInstructionSets()) {
        const kernels::Kernels& kernels = kernelsFor(set);
        const auto lanes = static_cast<std::size_t>(kernels.lanes);
        for (int repeat = 0; repeat < 30; ++repeat) {
            kernels::ConvolveArgs a{};
            const std::int32_t height = between(random, 1, 9);
            const std::int32_t width = between(random, 1, 9);
            a.groups = between(random, 1, 2);
            a.rows = between(random, 1, 3 * kernels.rowBlock);
            a.depth = between(random, 1, 40);
            a.rowBlock = kernels.rowBlock;
            a.grid[0] = 1;
            a.grid[1] = height;
            a.grid[2] = width;
            a.gridStep[1] = width;
            a.gridStep[2] = 1;
            a.groupStep = std::int64_t{a.depth} * height * width;
            a.rowStep = std::int64_t{height} * width;
            a.positionStep = 1;
            a.alpha = 0.5F;
            a.low = repeat % 2 == 0 ? 0.0F : -INFINITY;
            a.high = INFINITY;
            std::vector<std::int32_t> offsets;
            // Windows of one element, or of three side by side, which share lines of the cache.
            const std::int32_t window = repeat % 2 == 0 ? 1 : 3;
            for (std::int32_t k = 0; k < a.depth; ++k) {
                offsets.push_back(k / window * height * width + k % window);
            }
            const auto blocks = static_cast<std::size_t>((a.rows + a.rowBlock - 1) / a.rowBlock);
            const std::size_t outputs =
                static_cast<std::size_t>(a.groups * a.rows * height * width) * lanes;
            const auto input = randomFloats(
                random,
                (static_cast<std::size_t>(a.groups) * static_cast<std::size_t>(a.groupStep) + 2) *
                    lanes);
            const auto weights =
                randomFloats(random, static_cast<std::size_t>(a.groups) * blocks *
                                         static_cast<std::size_t>(a.depth * a.rowBlock));
            const auto bias = randomFloats(random, static_cast<std::size_t>(a.groups * a.rows));
            const auto residual = randomFloats(random, outputs);
            // Room for the eight runs of three positions that a strip has at most.
            std::vector<float> scratch(24 * static_cast<std::size_t>(a.depth) * lanes, NAN);
            std::vector<float> inPlace(outputs);
            std::vector<float> inStrips(outputs);
            a.offsets = offsets.data();
            a.input = input.data();
            a.weights = weights.data();
            a.bias = bias.data();
            a.residual = repeat % 3 == 0 ? residual.data() : nullptr;
            a.output = inPlace.data();
            kernels.convolve(a);
            a.scratch = scratch.data();
            a.output = inStrips.data();
            kernels.convolve(a);
            ASSERT_EQ(std::memcmp(inPlace.data(), inStrips.data(), 4 * outputs), 0)
                << set << " repeat " << repeat;
        }
    }
}

TEST(Plan, LargeInputsAreUnfoldedExceptByWideVectorsThatTheProcessorHalves) {
    const std::vector<std::int32_t> offsets = {0, 1};  // windows of several elements
    for (const std::string& set : availableInstructionSets()) {
        const kernels::Kernels& kernels = kernelsFor(set);
        kernels::ConvolveArgs a{};
        a.offsets = offsets.data();
        a.depth = 1152;
        a.rowBlock = kernels.rowBlock;
        a.rows = 128;
        a.groupStep = std::int64_t{128} * 34 * 34;
        EXPECT_GT(kernels.convolveScratch(a, false), 0) << set;
        EXPECT_EQ(kernels.convolveScratch(a, true) > 0, kernels.lanes < 16) << set;
        a.groupStep = 128;  // fits the second-level cache
        EXPECT_EQ(kernels.convolveScratch(a, false), 0) << set;
    }
}

}  // namespace
}  // namespace brownout
