// Operators that ONNX's reference data are too old for, or that are none of ONNX's own, against
// plain arithmetic in double.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

#include "inference/engines/float_engine.h"
#include "tests/inference/kernel_tables.h"

namespace brownout {
namespace {

using Attributes = std::map<std::string, AttributeValue>;

FloatTensor randomTensor(const Shape& shape, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, 2.0F);
    FloatTensor tensor{shape, std::vector<float>(elementCount(shape))};
    for (float& value : tensor.values) value = normal(random);
    return tensor;
}

/// Runs one node on `inputs`, the first of which is the image and the others constants, on all
/// kernels; expects them all to agree to 1e-5.
FloatTensor run(const std::string& op, const Attributes& attributes,
                const std::vector<FloatTensor>& inputs, std::int64_t opset = 21) {
    Network network;
    network.file = "test";
    network.opset = opset;
    network.inputs = {Port{"x", inputs[0].shape}};
    Node node;
    node.name = "node";
    node.op = op;
    node.outputs = {"y"};
    node.attributes = attributes;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        node.inputs.push_back(i == 0 ? "x" : "c" + std::to_string(i));
        if (i > 0) network.parameters[node.inputs[i]] = inputs[i];
    }
    network.nodes = {node};
    network.outputs = {Port{"y", {}}};
    FloatTensor first;
    for (const auto& [set, kernels] : kernelTables()) {
        FloatEngine engine(network, {inputs[0].shape}, kernels);
        const FloatTensor result = engine.runOnce({inputs[0]}).at(0);
        if (first.values.empty()) first = result;
        EXPECT_EQ(result.shape, first.shape) << set;
        for (std::size_t i = 0; i < result.values.size(); ++i) {
            EXPECT_NEAR(result.values[i], first.values[i], 1e-5 * (1 + std::fabs(first.values[i])))
                << op << " " << set << " " << i;
        }
    }
    return first;
}

void expectNear(const FloatTensor& found, const std::vector<double>& expected) {
    ASSERT_EQ(found.values.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_NEAR(found.values[i], expected[i], 2e-5 * (1 + std::fabs(expected[i]))) << i;
    }
}

void expectEach(const std::string& op, const Attributes& attributes,
                const std::function<double(double)>& function) {
    const FloatTensor x = randomTensor({2, 3, 5}, 7);
    std::vector<double> expected;
    for (const float value : x.values) expected.push_back(function(value));
    expectNear(run(op, attributes, {x}, 24), expected);
}

double softplus(double x) { return std::log1p(std::exp(x)); }

TEST(Operators, NewActivationsAreTheirFormulas) {
    expectEach("Mish", {}, [](double x) { return x * std::tanh(softplus(x)); });
    expectEach("Swish", {{"alpha", 1.5F}}, [](double x) { return x / (1 + std::exp(-1.5 * x)); });
    expectEach("Gelu", {}, [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); });
    expectEach("Gelu", {{"approximate", std::string("tanh")}}, [](double x) {
        return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    });
}

/// The mean and the variance of x[begin], x[begin + 1], ..., count of them.
std::pair<double, double> momentsOf(const FloatTensor& x, std::size_t begin, std::size_t count) {
    double mean = 0;
    double variance = 0;
    for (std::size_t i = 0; i < count; ++i) mean += x.values[begin + i];
    mean /= static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i) {
        variance += (x.values[begin + i] - mean) * (x.values[begin + i] - mean);
    }
    return {mean, variance / static_cast<double>(count)};
}

TEST(Operators, GroupNormalizationTakesFactorsOfGroupsOrChannels) {
    const FloatTensor x = randomTensor({2, 6, 4, 3}, 8);
    for (const std::int64_t count : {2, 6}) {
        const FloatTensor scale = randomTensor({count}, 9);
        const FloatTensor bias = randomTensor({count}, 10);
        std::vector<double> expected;
        for (std::size_t i = 0; i < x.values.size(); ++i) {
            const auto [mean, variance] = momentsOf(x, i / 36 * 36, 36);
            const std::size_t channel = i / 12 % 6;
            const std::size_t c = count == 6 ? channel : channel / 3;
            expected.push_back((x.values[i] - mean) / std::sqrt(variance + 1e-3) * scale.values[c] +
                               bias.values[c]);
        }
        expectNear(run("GroupNormalization", {{"num_groups", std::int64_t{2}}, {"epsilon", 1e-3F}},
                       {x, scale, bias}, count == 6 ? 21 : 18),
                   expected);
    }
}

TEST(Operators, LayersAreNormalizedByTheirMomentsOrByTheRootOfSquares) {
    const FloatTensor x = randomTensor({2, 5, 4}, 11);
    const FloatTensor scale = randomTensor({4}, 12);
    const FloatTensor bias = randomTensor({4}, 13);
    std::vector<double> layers;
    std::vector<double> roots;
    for (std::size_t i = 0; i < x.values.size(); ++i) {
        const auto [mean, variance] = momentsOf(x, i / 4 * 4, 4);
        layers.push_back((x.values[i] - mean) / std::sqrt(variance + 1e-5) * scale.values[i % 4] +
                         bias.values[i % 4]);
        roots.push_back(x.values[i] / std::sqrt(variance + mean * mean + 1e-5) *
                        scale.values[i % 4]);
    }
    expectNear(run("LayerNormalization", {}, {x, scale, bias}), layers);
    expectNear(run("RMSNormalization", {}, {x, scale}, 23), roots);
}

TEST(Operators, LpNormalizationDividesByTheNormOfAnAxis) {
    const FloatTensor x = randomTensor({2, 3, 4}, 14);
    for (const std::int64_t p : {1, 2}) {
        std::vector<double> expected;
        for (std::size_t i = 0; i < x.values.size(); ++i) {
            double norm = 0;
            for (std::size_t c = 0; c < 3; ++c) {
                const double other = x.values[i / 12 * 12 + c * 4 + i % 4];
                norm += p == 1 ? std::fabs(other) : other * other;
            }
            expected.push_back(x.values[i] / (p == 1 ? norm : std::sqrt(norm)));
        }
        expectNear(run("LpNormalization", {{"axis", std::int64_t{1}}, {"p", p}}, {x}), expected);
    }
}

TEST(Operators, ImageScalerIsAFactorAndASummandForEachChannel) {
    const FloatTensor x = randomTensor({1, 2, 1, 2}, 15);
    std::vector<double> expected;
    for (std::size_t i = 0; i < 4; ++i) expected.push_back(0.5 * x.values[i] + (i < 2 ? 1 : -3));
    expectNear(run("ImageScaler", {{"scale", 0.5F}, {"bias", std::vector<float>{1, -3}}}, {x}),
               expected);
}

TEST(Operators, QuantClampsThenRoundsHalfToEven) {
    const FloatTensor x{{1, 9}, {-9, -2.1F, -1.25F, -0.75F, 0, 0.25F, 0.75F, 1.25F, 9}};
    const FloatTensor scale{{}, {0.5F}};
    const FloatTensor zero{{}, {0}};
    const FloatTensor bits{{}, {3}};
    // In units of 0.5: -18, -4.2, -2.5, -1.5, 0, 0.5, 1.5, 2.5, 18.
    EXPECT_THAT(run("Quant", {}, {x, scale, zero, bits}).values,
                testing::ElementsAre(-2, -2, -1, -1, 0, 0, 1, 1, 1.5F));
    EXPECT_THAT(run("Quant", {{"narrow", std::int64_t{1}}}, {x, scale, zero, bits}).values,
                testing::ElementsAre(-1.5F, -1.5F, -1, -1, 0, 0, 1, 1, 1.5F));
    EXPECT_THAT(
        run("IntQuant", {{"signed", std::int64_t{0}}, {"rounding_mode", std::string("FLOOR")}},
            {x, scale, zero, bits})
            .values,
        testing::ElementsAre(0, 0, 0, 0, 0, 0, 0.5F, 1, 3.5F));
}

TEST(Operators, BipolarQuantTakesZeroForPlusOne) {
    const FloatTensor x{{1, 4}, {-0.5F, -0.0F, 0.0F, 2}};
    EXPECT_THAT(run("BipolarQuant", {}, {x, FloatTensor{{}, {0.25F}}}).values,
                testing::ElementsAre(-0.25F, 0.25F, 0.25F, 0.25F));
}

TEST(Operators, TruncDropsTheLowestBits) {
    const FloatTensor x{{1, 4}, {5.5F, -5.5F, 4, 7.5F}};  // 11, -11, 8, 15 times 0.5
    const FloatTensor half{{}, {0.5F}};
    const FloatTensor zero{{}, {0}};
    EXPECT_THAT(
        run("Trunc", {}, {x, half, zero, FloatTensor{{}, {8}}, FloatTensor{{}, {6}}}).values,
        testing::ElementsAre(1, -1.5F, 1, 1.5F));
}

TEST(Operators, DynamicQuantizeLinearCoversZeroAndStandsNothingButZeros) {
    Network network;
    network.file = "test";
    network.opset = 13;
    network.inputs = {Port{"x", {1, 3}}};
    Node node;
    node.name = "node";
    node.op = "DynamicQuantizeLinear";
    node.inputs = {"x"};
    node.outputs = {"y", "scale", "zero"};
    network.nodes = {node};
    network.outputs = {Port{"y", {}}, Port{"scale", {}}, Port{"zero", {}}};
    FloatEngine engine(network, std::vector<Shape>{{1, 3}});
    const auto zeros = engine.runOnce({FloatTensor{{1, 3}, {0, 0, 0}}});
    EXPECT_THAT(zeros[0].values, testing::ElementsAre(0, 0, 0));
    EXPECT_THAT(zeros[1].values, testing::ElementsAre(1));
    const auto some = engine.runOnce({FloatTensor{{1, 3}, {25.5F, 51, 10.25F}}});
    EXPECT_THAT(some[1].values, testing::ElementsAre(0.2F));  // from 0, though no value is
    EXPECT_THAT(some[2].values, testing::ElementsAre(0));
    EXPECT_EQ(some[0].values[1], 255);
}

}  // namespace
}  // namespace brownout
