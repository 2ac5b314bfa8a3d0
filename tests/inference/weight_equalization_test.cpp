// Do equalised networks compute the same, with the ranges that equalisation promises, and are
// channels left alone where a factor would be lost on the way?

#include "inference/graph/weight_equalization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "inference/engines/float_engine.h"
#include "inference/formats/encoded_network.h"
#include "inference/formats/quantizer_format.h"
#include "inference/graph/scalable_channels.h"
#include "tests/inference/residual_network.h"

namespace brownout {
namespace {

using testing::HasSubstr;

/// A network made node by node; channels get weights of very different sizes.
class Maker {
 public:
    explicit Maker(Random& random) : random_(random) {
        network_.file = "made";
        network_.opset = 13;
        network_.inputs = {{"x", {-1, 3, 12, 12}}};
    }

    std::string add(const std::string& op, const std::vector<std::string>& inputs,
                    std::map<std::string, AttributeValue> attributes = {}) {
        const std::string name = "v" + std::to_string(network_.nodes.size());
        network_.nodes.push_back({name, op, inputs, {name}, std::move(attributes)});
        return name;
    }
    std::string conv(const std::string& from, std::int64_t channels, std::int64_t rows,
                     std::int64_t kernel, std::int64_t groups = 1) {
        const std::string weights = parameter({rows, channels / groups, kernel, kernel});
        const std::string bias = parameter({rows});
        const std::int64_t pad = kernel / 2;
        return add("Conv", {from, weights, bias},
                   {{"pads", std::vector<std::int64_t>{pad, pad, pad, pad}}, {"group", groups}});
    }
    std::string gemm(const std::string& from, std::int64_t features, std::int64_t rows,
                     bool transposed) {
        const Shape shape = transposed ? Shape{rows, features} : Shape{features, rows};
        return add("Gemm", {from, parameter(shape), parameter({rows})},
                   {{"transB", std::int64_t{transposed}}});
    }
    std::string parameter(const Shape& shape) {
        const std::string name = "p" + std::to_string(network_.parameters.size());
        std::vector<float> values = randomFloats(random_, elementCount(shape));
        const std::size_t run = values.size() / static_cast<std::size_t>(shape[0]);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i % run == 0) factor_ = std::exp2(static_cast<float>(between(random_, -3, 3)));
            values[i] *= factor_;
        }
        network_.parameters[name] = {shape, values};
        return name;
    }
    Network finish(const std::string& output) {
        network_.outputs = {{output, {}}};
        return network_;
    }

 private:
    Random& random_;
    Network network_;
    float factor_ = 1;
};

/// All that keeps factors: Concat, sums, pooling, depthwise and grouped convolutions, both forms of
/// Gemm.
Network everything(Random& random) {
    Maker m(random);
    const std::string squeeze = m.add("Relu", {m.conv("x", 3, 6, 3)});
    const std::string left = m.add("Relu", {m.conv(squeeze, 6, 8, 1)});
    const std::string right = m.add("LeakyRelu", {m.conv(squeeze, 6, 4, 3)});
    const std::string both = m.add("Concat", {left, right}, {{"axis", std::int64_t{1}}});
    const std::string pooled = m.add("MaxPool", {both},
                                     {{"kernel_shape", std::vector<std::int64_t>{2, 2}},
                                      {"strides", std::vector<std::int64_t>{2, 2}}});
    const std::string depthwise = m.add("Relu", {m.conv(pooled, 12, 12, 3, 12)});
    const std::string grouped = m.conv(depthwise, 12, 12, 3, 3);
    const std::string sum = m.add("Relu", {m.add("Add", {grouped, depthwise})});
    const std::string flat = m.add("Flatten", {sum});
    const std::string hidden = m.add("Relu", {m.gemm(flat, 12 * 36, 9, true)});
    return m.finish(m.gemm(hidden, 9, 5, false));
}

std::vector<float> outputsOf(const Network& network, const std::vector<float>& images) {
    FloatEngine engine(network);
    const std::size_t count = images.size() / engine.imageElements();
    std::vector<float> outputs(count * engine.outputs());
    engine.run(images.data(), count, outputs.data());
    return outputs;
}

/// Largest weights that make and that read each channel that may be scaled.
std::map<std::size_t, std::pair<double, double>> rangesOf(const Network& network) {
    const ScalableChannels found = scalableChannels(network);
    std::map<std::size_t, std::pair<double, double>> ranges;
    for (const ScalableLayer& layer : found.layers) {
        const std::vector<float>& weights = network.parameters.at(layer.weights).values;
        for (std::size_t row = 0; row < layer.rows; ++row) {
            for (std::size_t column = 0; column < layer.columns; ++column) {
                for (std::size_t k = 0; k < layer.elements; ++k) {
                    const double weight = std::fabs(
                        weights[row * layer.rowStep + column * layer.columnStep + k * layer.step]);
                    double& made = ranges[layer.out[row]].first;
                    double& read = ranges[layer.inOf(row, column)].second;
                    made = std::max(made, weight);
                    read = std::max(read, weight);
                }
            }
        }
    }
    ranges.erase(ScalableChannels::kFixed);
    return ranges;
}

TEST(WeightEqualization, LeavesWhatANetworkComputesAndMakesRangesEqual) {
    Random random(31);
    for (int repeat = 0; repeat < 20; ++repeat) {
        const Network network = everything(random);
        const Network equalized = withEqualizedWeights(network);
        const std::vector<float> images = randomFloats(random, 5 * 3 * 12 * 12);
        const std::vector<float> before = outputsOf(network, images);
        const std::vector<float> after = outputsOf(equalized, images);
        float largest = 0;
        for (const float value : before) largest = std::max(largest, std::fabs(value));
        for (std::size_t i = 0; i < before.size(); ++i) {
            ASSERT_NEAR(after[i], before[i], 1e-5 * largest);
        }
        const auto ranges = rangesOf(equalized);
        // 6 + 8 + 4 of the first layers, 12 that the sum joins, 9 of the hidden layer.
        ASSERT_EQ(ranges.size(), 39U);
        for (const auto& [channel, range] : ranges) {
            ASSERT_NEAR(range.first / range.second, 1, 0.1) << channel;
        }
    }
}

TEST(WeightEqualization, TwoLayersGetTheGeometricMeanOfTheirRanges) {
    Random random(32);
    Maker m(random);
    const std::string hidden = m.add("Relu", {m.conv("x", 3, 4, 1)});
    const Network network = m.finish(m.conv(hidden, 4, 2, 1));
    const Network equalized = withEqualizedWeights(network);
    const auto before = rangesOf(network);
    const auto after = rangesOf(equalized);
    ASSERT_EQ(after.size(), 4U);
    for (const auto& [channel, range] : after) {
        const double mean = std::sqrt(before.at(channel).first * before.at(channel).second);
        EXPECT_NEAR(range.first, mean, 1e-6 * mean);
        EXPECT_NEAR(range.second, mean, 1e-6 * mean);
    }
}

TEST(WeightEqualization, ChannelsThatOtherOperatorsSeeStayAsTheyAre) {
    Random random(33);
    Maker m(random);
    const std::string first = m.conv("x", 3, 4, 1);
    const std::string squashed = m.add("Sigmoid", {first});  // keeps no factor
    const std::string second = m.add("Relu", {m.conv(squashed, 4, 5, 1)});
    const std::string third = m.conv(second, 5, 6, 1);
    Network network = m.finish(third);
    EXPECT_EQ(rangesOf(network).size(), 5U);
    // A value that leaves the network keeps its size, too.
    network.outputs.push_back({second, {}});
    EXPECT_EQ(rangesOf(network).size(), 0U);
    try {
        withEqualizedWeights(network);
        FAIL() << "nothing was refused";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("made: has no channel"));
    }
}

TEST(WeightEqualization, SharedWeightsAndFlatRunsThatDoNotFitAreLeftAlone) {
    Random random(34);
    Maker m(random);
    const std::string shared = m.parameter({3, 3, 1, 1});
    const std::string first = m.add("Relu", {m.add("Conv", {"x", shared})});
    const std::string second = m.add("Relu", {m.add("Conv", {first, shared})});
    EXPECT_EQ(rangesOf(m.finish(m.conv(second, 3, 2, 1))).size(), 0U);
}

/// Returns how many channels go from a convolution through `op` to a Gemm or a convolution.
std::size_t passing(Random& random, const std::string& op,
                    const std::map<std::string, AttributeValue>& attributes,
                    const std::vector<std::int64_t>& target = {}) {
    Maker m(random);
    const std::string first = m.add("Relu", {m.conv("x", 3, 4, 1)});
    std::vector<std::string> inputs = {first};
    if (op == "Concat") inputs.push_back(m.add("Relu", {m.conv("x", 3, 4, 1)}));
    if (op == "Reshape") inputs.push_back("target");
    const std::string passed = m.add(op, inputs, attributes);
    const bool isFlat = op == "Flatten" || op == "Reshape";
    Network network = m.finish(isFlat ? m.gemm(passed, 4 * 144, 5, true) : m.conv(passed, 4, 5, 1));
    if (op == "Reshape") network.integers["target"] = {{2}, target};
    return rangesOf(network).size();
}

TEST(WeightEqualization, OnlyWhatKeepsChannelsApartPasses) {
    Random random(36);
    EXPECT_EQ(passing(random, "Identity", {}), 4U);
    EXPECT_EQ(passing(random, "Tanh", {}), 0U);
    EXPECT_EQ(passing(random, "Concat", {{"axis", std::int64_t{2}}}), 0U);
    EXPECT_EQ(passing(random, "Flatten", {}), 4U);
    EXPECT_EQ(passing(random, "Flatten", {{"axis", std::int64_t{2}}}), 0U);
    EXPECT_EQ(passing(random, "Reshape", {}, {0, -1}), 4U);
    EXPECT_EQ(passing(random, "Reshape", {}, {1, 576}), 4U);
    EXPECT_EQ(passing(random, "Reshape", {}, {-1, 36, 16}), 0U);
    EXPECT_EQ(passing(random, "Reshape", {}, {-1, 16}), 0U) << "may be rows of an image";
}

TEST(WeightEqualization, IsAnEndingOfTheNameOfAFormat) {
    const auto format = numberFormat("int8-channel-equalized");
    EXPECT_EQ(format->name(), "int8-channel-equalized");
    EXPECT_EQ(format->bits(), 8U);
    EXPECT_TRUE(format->equalizes());
    EXPECT_FALSE(numberFormat("int8-channel")->equalizes());
    EXPECT_EQ(quantizerSettingsOf(*format)->scope, RangeScope::kChannel);
    for (const char* name :
         {"-equalized", "file-equalized", "int8-equalized-equalized", "int-equalized"}) {
        EXPECT_THROW(numberFormat(name), UsageError) << name;
    }
    Random random(35);
    const Network network = everything(random);
    const EncodedNetwork plain(network, numberFormat("int8"), StoreScope::kWeights);
    const EncodedNetwork equalized(network, numberFormat("int8-equalized"), StoreScope::kWeights);
    EXPECT_NE(plain.fingerprint(), equalized.fingerprint());
    // Codes are those of the equalised weights, which the engine computes with.
    const EncodedNetwork expected(withEqualizedWeights(network), numberFormat("int8"),
                                  StoreScope::kWeights);
    for (std::size_t t = 0; t < plain.storedTensors().size(); ++t) {
        EXPECT_EQ(equalized.storedTensors()[t].codes, expected.storedTensors()[t].codes);
    }
    const std::vector<float> images = randomFloats(random, 2 * 3 * 12 * 12);
    EXPECT_EQ(bitsOf(*makeEngine(equalized), images), bitsOf(*makeEngine(expected), images));
}

}  // namespace
}  // namespace brownout
