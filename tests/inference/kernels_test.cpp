// Each optimised kernel against a plain loop, on random shapes, for every instruction set.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "inference/engines/float_engine.h"
#include "tests/inference/kernel_tables.h"

namespace brownout {
namespace {

using Random = std::mt19937;

std::int64_t between(Random& random, std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

FloatTensor randomTensor(Random& random, const Shape& shape) {
    FloatTensor tensor{shape, {}};
    std::uniform_real_distribution<float> values(-1.0F, 1.0F);
    for (std::size_t i = 0; i < elementCount(shape); ++i) {
        tensor.values.push_back(values(random));
    }
    return tensor;
}

/// A network of one node that reads "x" and the given parameters.
Network singleNode(const std::string& op, const Shape& input,
                   const std::vector<std::pair<std::string, FloatTensor>>& parameters,
                   const std::map<std::string, AttributeValue>& attributes) {
    Network network;
    network.file = "test";
    network.opset = 13;
    network.inputs = {{"x", input}};
    network.outputs = {{"y", {}}};
    Node node;
    node.name = "n";
    node.op = op;
    node.inputs = {"x"};
    node.outputs = {"y"};
    node.attributes = attributes;
    for (const auto& [name, tensor] : parameters) {
        node.inputs.push_back(name);
        network.parameters[name] = tensor;
    }
    network.nodes = {node};
    return network;
}

/// Runs more images than any vector has lanes, and checks each against `oracle`.
template <typename Oracle>
void compare(const Network& network, Random& random, double tolerance, Oracle oracle) {
    const std::size_t count = 19;
    for (const auto& [set, kernels] : kernelTables()) {
        FloatEngine engine(network, kernels);
        Shape all = engine.imageShape();
        all.insert(all.begin(), static_cast<std::int64_t>(count));
        const FloatTensor images = randomTensor(random, all);
        std::vector<float> results(count * engine.outputs());
        engine.run(images.values.data(), count, results.data());
        const std::size_t elements = engine.imageElements();
        for (std::size_t n = 0; n < count; ++n) {
            const auto first = images.values.begin() + static_cast<std::ptrdiff_t>(n * elements);
            const std::vector<double> expected =
                oracle(std::vector<float>(first, first + static_cast<std::ptrdiff_t>(elements)));
            ASSERT_EQ(expected.size(), engine.outputs());
            for (std::size_t i = 0; i < expected.size(); ++i) {
                ASSERT_NEAR(results[n * expected.size() + i], expected[i], tolerance)
                    << set << ", image " << n << ", element " << i;
            }
        }
    }
}

struct ConvCase {
    std::int64_t groups, inPerGroup, outPerGroup, height, width;
    std::int64_t kernel[2], stride[2], dilation[2], pads[4];  // pads: top, left, bottom, right

    std::int64_t outSize(int axis) const {
        const std::int64_t size = axis == 0 ? height : width;
        return (size + pads[axis] + pads[2 + axis] - (kernel[axis] - 1) * dilation[axis] - 1) /
                   stride[axis] +
               1;
    }
};

ConvCase randomCase(Random& random) {
    ConvCase c{};
    c.groups = between(random, 1, 4);
    c.inPerGroup = between(random, 1, 5);
    c.outPerGroup = between(random, 1, 19);
    if (between(random, 0, 3) == 0) {  // depthwise
        c.groups = between(random, 2, 9);
        c.inPerGroup = 1;
        c.outPerGroup = between(random, 1, 2);
    }
    c.height = between(random, 7, 12);
    c.width = between(random, 7, 12);
    for (int i = 0; i < 2; ++i) {
        c.kernel[i] = between(random, 1, 3);
        c.stride[i] = between(random, 1, 3);
        c.dilation[i] = between(random, 1, 3);
    }
    for (std::int64_t& pad : c.pads) {
        pad = between(random, 0, 2);
    }
    return c;
}

/// The definition of a convolution, one loop for each of its sums.
std::vector<double> convolveByDefinition(const ConvCase& c, const std::vector<float>& x,
                                         const std::vector<float>& w, const std::vector<float>& b) {
    std::vector<double> y;
    for (std::int64_t m = 0; m < c.groups * c.outPerGroup; ++m) {
        const std::int64_t group = m / c.outPerGroup;
        for (std::int64_t oy = 0; oy < c.outSize(0); ++oy) {
            for (std::int64_t ox = 0; ox < c.outSize(1); ++ox) {
                double sum = b[static_cast<std::size_t>(m)];
                for (std::int64_t i = 0; i < c.inPerGroup * c.kernel[0] * c.kernel[1]; ++i) {
                    const std::int64_t channel = i / (c.kernel[0] * c.kernel[1]);
                    const std::int64_t ky = i / c.kernel[1] % c.kernel[0];
                    const std::int64_t iy = oy * c.stride[0] - c.pads[0] + ky * c.dilation[0];
                    const std::int64_t ix =
                        ox * c.stride[1] - c.pads[1] + i % c.kernel[1] * c.dilation[1];
                    if (iy < 0 || iy >= c.height || ix < 0 || ix >= c.width) {
                        continue;
                    }
                    const std::int64_t at =
                        ((group * c.inPerGroup + channel) * c.height + iy) * c.width + ix;
                    const std::int64_t weight = m * c.inPerGroup * c.kernel[0] * c.kernel[1] + i;
                    sum += double{x[static_cast<std::size_t>(at)]} *
                           w[static_cast<std::size_t>(weight)];
                }
                y.push_back(sum);
            }
        }
    }
    return y;
}

/// Bounds of results, and the operator that cuts them off there.
struct Bounds {
    std::string op;
    float low, high;

    /// Adds the operator behind the only node of `network`.
    void cut(Network& network) const {
        if (op.empty()) return;
        network.nodes[0].outputs = {"sum"};
        Node node;
        node.name = "cut";
        node.op = op;
        node.inputs = {"sum"};
        node.outputs = {"y"};
        if (op == "Clip") {
            node.inputs = {"sum", "low", "high"};
            network.parameters["low"] = {{}, {low}};
            network.parameters["high"] = {{}, {high}};
        }
        network.nodes.push_back(node);
    }
};

TEST(Kernels, ConvolutionAgreesWithItsDefinition) {
    Random random(1);
    const Bounds endings[] = {
        {"", -INFINITY, INFINITY}, {"Relu", 0.0F, INFINITY}, {"Clip", -0.5F, 0.75F}};
    for (int round = 0; round < 120; ++round) {
        const Bounds& bounds = endings[round % 3];
        const ConvCase c = randomCase(random);
        const std::int64_t outputs = c.groups * c.outPerGroup;
        const FloatTensor w =
            randomTensor(random, {outputs, c.inPerGroup, c.kernel[0], c.kernel[1]});
        const FloatTensor b = randomTensor(random, {outputs});
        Network network = singleNode(
            "Conv", {-1, c.groups * c.inPerGroup, c.height, c.width}, {{"w", w}, {"b", b}},
            {{"group", c.groups},
             {"strides", std::vector<std::int64_t>(c.stride, c.stride + 2)},
             {"dilations", std::vector<std::int64_t>(c.dilation, c.dilation + 2)},
             {"pads", std::vector<std::int64_t>(c.pads, c.pads + 4)}});
        bounds.cut(network);
        SCOPED_TRACE("round " + std::to_string(round));
        ASSERT_NO_FATAL_FAILURE(compare(network, random, 2e-5, [&](const std::vector<float>& x) {
            std::vector<double> y = convolveByDefinition(c, x, w.values, b.values);
            for (double& value : y) {
                value = std::clamp<double>(value, bounds.low, bounds.high);
            }
            return y;
        }));
    }
}

TEST(Kernels, GemmAgreesWithItsDefinition) {
    Random random(2);
    for (int round = 0; round < 30; ++round) {
        const std::int64_t depth = between(random, 1, 40);
        const std::int64_t columns = between(random, 1, 40);
        const bool transposed = between(random, 0, 1) == 1;
        const FloatTensor w =
            randomTensor(random, transposed ? Shape{columns, depth} : Shape{depth, columns});
        const FloatTensor b = randomTensor(random, {columns});
        const float alpha = round % 2 == 0 ? 1.0F : 0.75F;
        const float beta = round % 3 == 0 ? 1.0F : -0.5F;
        const Network network =
            singleNode("Gemm", {-1, depth}, {{"w", w}, {"b", b}},
                       {{"transB", std::int64_t{transposed}}, {"alpha", alpha}, {"beta", beta}});
        ASSERT_NO_FATAL_FAILURE(compare(network, random, 2e-5, [&](const std::vector<float>& x) {
            std::vector<double> y;
            for (std::int64_t j = 0; j < columns; ++j) {
                double sum = 0.0;
                for (std::int64_t k = 0; k < depth; ++k) {
                    const std::int64_t at = transposed ? j * depth + k : k * columns + j;
                    sum += double{x[static_cast<std::size_t>(k)]} *
                           w.values[static_cast<std::size_t>(at)];
                }
                y.push_back(alpha * sum + beta * b.values[static_cast<std::size_t>(j)]);
            }
            return y;
        }));
    }
}

TEST(Kernels, PoolingAgreesWithItsDefinition) {
    Random random(3);
    for (int round = 0; round < 60; ++round) {
        const bool average = round % 2 == 0;
        const bool countPadding = round % 4 == 0;
        ConvCase c = randomCase(random);
        c.groups = between(random, 1, 3);
        if (round % 3 == 1) {  // windows that share columns have a loop of their own
            c.kernel[0] = c.kernel[1] = 3;
            c.stride[0] = c.stride[1] = 2;
            c.dilation[0] = c.dilation[1] = 1;
            if (round % 2 == 1) c.pads[1] = 0;
        }
        for (int i = 0; i < 2; ++i) {
            c.dilation[i] = average ? 1 : c.dilation[i];
            c.pads[i] = std::min(c.pads[i], c.kernel[i] - 1);
            c.pads[2 + i] = std::min(c.pads[2 + i], c.kernel[i] - 1);
        }
        std::map<std::string, AttributeValue> attributes = {
            {"kernel_shape", std::vector<std::int64_t>(c.kernel, c.kernel + 2)},
            {"strides", std::vector<std::int64_t>(c.stride, c.stride + 2)},
            {"pads", std::vector<std::int64_t>(c.pads, c.pads + 4)},
            {"count_include_pad", std::int64_t{countPadding}}};
        if (!average) {
            attributes["dilations"] = std::vector<std::int64_t>(c.dilation, c.dilation + 2);
        }
        const Network network = singleNode(average ? "AveragePool" : "MaxPool",
                                           {-1, c.groups, c.height, c.width}, {}, attributes);
        ASSERT_NO_FATAL_FAILURE(compare(network, random, 1e-5, [&](const std::vector<float>& x) {
            std::vector<double> y;
            for (std::int64_t i = 0; i < c.groups * c.outSize(0) * c.outSize(1); ++i) {
                const std::int64_t channel = i / (c.outSize(0) * c.outSize(1));
                const std::int64_t oy = i / c.outSize(1) % c.outSize(0);
                double sum = 0.0;
                double largest = -std::numeric_limits<double>::infinity();
                int count = 0;
                for (std::int64_t k = 0; k < c.kernel[0] * c.kernel[1]; ++k) {
                    const std::int64_t iy =
                        oy * c.stride[0] - c.pads[0] + k / c.kernel[1] * c.dilation[0];
                    const std::int64_t ix = i % c.outSize(1) * c.stride[1] - c.pads[1] +
                                            k % c.kernel[1] * c.dilation[1];
                    if (iy >= 0 && iy < c.height && ix >= 0 && ix < c.width) {
                        const std::int64_t at = (channel * c.height + iy) * c.width + ix;
                        const double value = x[static_cast<std::size_t>(at)];
                        sum += value;
                        largest = std::max(largest, value);
                        ++count;
                    }
                }
                const double size =
                    countPadding ? static_cast<double>(c.kernel[0] * c.kernel[1]) : count;
                y.push_back(average ? sum / size : largest);
            }
            return y;
        }));
    }
}

/// GroupNorm as exporters write it: reshape, instance norm with factors of its own, reshape, times
/// scale, plus offset, Relu.
Network groupNorm(const Shape& image, const FloatTensor& groupScale, const FloatTensor& groupOffset,
                  const FloatTensor& scale, const FloatTensor& offset) {
    Network network;
    network.file = "test";
    network.opset = 13;
    network.inputs = {{"x", {-1, image[0], image[1], image[2]}}};
    network.outputs = {{"y", {}}};
    network.parameters = {{"scale", scale},
                          {"offset", offset},
                          {"group_scale", groupScale},
                          {"group_offset", groupOffset}};
    network.integers["grouped"] = {{3}, {0, groupScale.shape[0], -1}};
    network.integers["whole"] = {{4}, {0, image[0], image[1], image[2]}};
    auto add = [&network](const std::string& op, const std::vector<std::string>& inputs,
                          const std::string& output) {
        network.nodes.push_back({output, op, inputs, {output}, {}});
    };
    add("Reshape", {"x", "grouped"}, "g");
    add("InstanceNormalization", {"g", "group_scale", "group_offset"}, "n");
    add("Reshape", {"n", "whole"}, "w");
    add("Mul", {"w", "scale"}, "s");
    add("Add", {"offset", "s"}, "a");
    add("Relu", {"a"}, "y");
    return network;
}

TEST(Kernels, GroupNormalizationAgreesWithItsDefinition) {
    Random random(4);
    for (int round = 0; round < 20; ++round) {
        const std::int64_t groups = between(random, 1, 4);
        const std::int64_t perGroup = between(random, 1, 5);
        const Shape image = {groups * perGroup, between(random, 1, 6), between(random, 2, 6)};
        const FloatTensor groupScale = randomTensor(random, {groups});
        const FloatTensor groupOffset = randomTensor(random, {groups});
        const FloatTensor scale = randomTensor(random, {image[0], 1, 1});
        const FloatTensor offset = randomTensor(random, {image[0], 1, 1});
        const std::size_t plane = static_cast<std::size_t>(image[1] * image[2]);
        const std::size_t size = static_cast<std::size_t>(perGroup) * plane;
        const Network network = groupNorm(image, groupScale, groupOffset, scale, offset);
        ASSERT_NO_FATAL_FAILURE(compare(network, random, 1e-4, [&](const std::vector<float>& x) {
            std::vector<double> y;
            for (std::size_t i = 0; i < x.size(); ++i) {
                const std::size_t first = i / size * size;
                double mean = 0.0;
                double variance = 0.0;
                for (std::size_t j = first; j < first + size; ++j) {
                    mean += x[j] / static_cast<double>(size);
                }
                for (std::size_t j = first; j < first + size; ++j) {
                    variance += (x[j] - mean) * (x[j] - mean) / static_cast<double>(size);
                }
                const double normalized = (x[i] - mean) / std::sqrt(variance + 1e-5);
                const double ofGroup =
                    normalized * groupScale.values[i / size] + groupOffset.values[i / size];
                y.push_back(
                    std::max(0.0, ofGroup * scale.values[i / plane] + offset.values[i / plane]));
            }
            return y;
        }));
    }
}

TEST(Kernels, ReluPassesNotANumberOn) {
    const Network network = singleNode("Relu", {-1, 3}, {}, {});
    for (const auto& [set, kernels] : kernelTables()) {
        FloatEngine engine(network, kernels);
        const std::vector<float> x = {-1.0F, NAN, 2.0F};
        std::vector<float> y(3);
        engine.run(x.data(), 1, y.data());
        EXPECT_EQ(y[0], 0.0F);
        EXPECT_TRUE(std::isnan(y[1])) << set;
        EXPECT_EQ(y[2], 2.0F);
    }
}

}  // namespace
}  // namespace brownout
