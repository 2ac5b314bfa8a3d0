// Do corrected biases make up for the mean error of each layer's results, and is what can't be
// corrected refused?

#include "inference/activations/bias_correction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "inference/engines/float_engine.h"
#include "tests/inference/residual_network.h"

namespace brownout {
namespace {

using testing::HasSubstr;

/// x -> conv (stride, padding) -> Relu -> grouped conv -> Flatten -> Gemm.
Network chain(Random& random, const std::string& output) {
    Network network;
    network.file = "chain";
    network.opset = 13;
    network.inputs = {{"x", {-1, 3, 9, 9}}};
    const auto parameter = [&](const std::string& name, const Shape& shape) {
        network.parameters[name] = {shape, randomFloats(random, elementCount(shape))};
        return name;
    };
    Node first{"a", "Conv", {"x", parameter("w1", {4, 3, 3, 3}), parameter("b1", {4})}, {"a"}, {}};
    first.attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
    first.attributes["strides"] = std::vector<std::int64_t>{2, 2};
    Node second{"c", "Conv", {"r", parameter("w2", {6, 2, 3, 3}), parameter("b2", {6})}, {"c"}, {}};
    second.attributes["group"] = std::int64_t{2};
    Node last{"g", "Gemm", {"f", parameter("w3", {54, 5}), parameter("b3", {5})}, {"g"}, {}};
    last.attributes["alpha"] = 0.5F;
    network.nodes = {
        first, {"r", "Relu", {"a"}, {"r"}, {}}, second, {"f", "Flatten", {"c"}, {"f"}, {}}, last};
    network.outputs = {{output, {}}};
    return network;
}

Dataset imagesFor(Random& random, std::size_t count) {
    Dataset::Content content;
    content.name = "noise";
    content.place = "noise";
    content.shape = {3, 9, 9};
    content.floats = randomFloats(random, count * 243);
    content.labels.assign(count, 0);
    return Dataset(content);
}

/// Mean of each channel of a network's output over the first `images` images and all positions.
std::vector<double> meansOf(const Network& network, const Dataset& data, std::size_t images,
                            std::size_t channels) {
    FloatEngine engine(network);
    std::vector<float> pixels(images * engine.imageElements());
    data.read(0, images, pixels.data());
    std::vector<float> outputs(images * engine.outputs());
    engine.run(pixels.data(), images, outputs.data());
    std::vector<double> means(channels);
    const std::size_t positions = engine.outputs() / channels;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        means[i / positions % channels] += outputs[i] / static_cast<double>(images * positions);
    }
    return means;
}

TEST(BiasCorrection, MakesTheMeanResultsOfEachLayerThoseOfTheFloatNetwork) {
    Random random(41);
    constexpr std::size_t kImages = 45;
    const Network graph = chain(random, "g");
    const Dataset data = imagesFor(random, 60);
    const EncodedNetwork encoded(graph, numberFormat("rquant3"), StoreScope::kWeights);
    const EncodedNetwork corrected = biasCorrected(encoded, data, kImages);
    const struct {
        const char *value, *weights, *bias;
        std::size_t channels;
    } layers[] = {{"a", "w1", "b1", 4}, {"c", "w2", "b2", 6}, {"g", "w3", "b3", 5}};
    for (const auto& layer : layers) {
        // One layer alone has the weights of the codes and the corrected bias.
        Network quantised = graph;
        quantised.outputs = {{layer.value, {}}};
        Network plain = quantised;
        for (const StoredTensor& tensor : encoded.storedTensors()) {
            if (tensor.name != layer.weights) continue;
            tensor.format->decode(tensor.codes, quantised.parameters.at(tensor.name).values);
        }
        const auto wanted = meansOf(plain, data, kImages, layer.channels);
        const auto before = meansOf(quantised, data, kImages, layer.channels);
        quantised.parameters.at(layer.bias) = corrected.graph().parameters.at(layer.bias);
        const auto after = meansOf(quantised, data, kImages, layer.channels);
        double off = 0;
        for (std::size_t c = 0; c < layer.channels; ++c) {
            EXPECT_NEAR(after[c], wanted[c], 1e-5) << layer.value << " channel " << c;
            off = std::max(off, std::fabs(before[c] - wanted[c]));
        }
        EXPECT_GT(off, 1e-3) << "there was nothing to correct";
    }
    EXPECT_NE(corrected.fingerprint(), encoded.fingerprint());
    EXPECT_EQ(corrected.storedTensors()[0].codes, encoded.storedTensors()[0].codes);
    EXPECT_NE(biasCorrected(encoded, data, 30).fingerprint(), corrected.fingerprint());
}

std::string refusalOf(const EncodedNetwork& network, const Dataset& data) {
    try {
        biasCorrected(network, data, 4);
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(BiasCorrection, RefusesStoredBiasesAndNetworksWithoutAny) {
    Random random(42);
    const Dataset data = imagesFor(random, 4);
    Network graph = chain(random, "g");
    const auto format = numberFormat("rquant8");
    EXPECT_THAT(refusalOf(EncodedNetwork(graph, format, StoreScope::kParameters), data),
                HasSubstr("its bias is stored as codes"));
    for (Node& node : graph.nodes) node.inputs.resize(std::min<std::size_t>(2, node.inputs.size()));
    EXPECT_THAT(refusalOf(EncodedNetwork(graph, format, StoreScope::kWeights), data),
                HasSubstr("chain: has no layer with a bias of its own"));
}

TEST(BiasCorrection, TakesRowsOfAProductForPositionsAndLeavesSharedOffsets) {
    // Nine rows of 27 values go through a Gemm whose bias has one value for each column, and one
    // with the same value for all, which no mean of a channel can be taken off.
    Random random(44);
    Network graph;
    graph.file = "rows";
    graph.opset = 11;
    graph.inputs = {{"x", {-1, 3, 9, 9}}};
    graph.integers["rows"] = {{2}, {9, 27}};
    graph.parameters["w1"] = {{27, 4}, randomFloats(random, 108)};
    graph.parameters["b1"] = {{4}, randomFloats(random, 4)};
    graph.parameters["w2"] = {{4, 5}, randomFloats(random, 20)};
    graph.parameters["b2"] = {{1}, randomFloats(random, 1)};
    graph.nodes = {{"r", "Reshape", {"x", "rows"}, {"r"}, {}},
                   {"g", "Gemm", {"r", "w1", "b1"}, {"g"}, {}},
                   {"h", "Gemm", {"g", "w2", "b2"}, {"h"}, {}}};
    graph.outputs = {{"h", {}}};
    const Dataset data = imagesFor(random, 6);
    const EncodedNetwork encoded(graph, numberFormat("rquant3"), StoreScope::kWeights);
    const EncodedNetwork corrected = biasCorrected(encoded, data, 6);
    EXPECT_EQ(corrected.graph().parameters.at("b2").values, graph.parameters.at("b2").values);
    std::vector<float> pixels(6 * 243);
    data.read(0, 6, pixels.data());
    const StoredTensor& tensor = encoded.storedTensors()[0];
    for (std::size_t c = 0; c < 4; ++c) {
        double mean = 0;
        for (std::size_t i = 0; i < pixels.size(); ++i) {
            const std::size_t e = i % 27 * 4 + c;
            const double error = static_cast<double>(tensor.format->decode(tensor.codes[e], e)) -
                                 graph.parameters.at("w1").values[e];
            mean += error * pixels[i] / 54;
        }
        EXPECT_NEAR(corrected.graph().parameters.at("b1").values[c],
                    graph.parameters.at("b1").values[c] - mean, 1e-5);
    }
}

TEST(BiasCorrection, RefusesWeightsThatAFormatMakesInfinite) {
    Random random(45);
    Network graph = chain(random, "g");
    graph.parameters.at("w1").values[3] = 1e6F;  // beyond fp16
    const EncodedNetwork encoded(graph, numberFormat("fp16"), StoreScope::kWeights);
    EXPECT_THAT(refusalOf(encoded, imagesFor(random, 4)), HasSubstr("are not finite"));
}

TEST(EncodedNetwork, OtherValuesAreForUnstoredParametersOfTheSameShape) {
    Random random(43);
    const EncodedNetwork network(chain(random, "g"), numberFormat("int8"), StoreScope::kWeights);
    EXPECT_THROW(network.withUnstored({{"w1", network.graph().parameters.at("w1")}}, "x"), Error);
    EXPECT_THROW(network.withUnstored({{"b1", {{3}, {1, 2, 3}}}}, "x"), Error);
    EXPECT_THROW(network.withUnstored({{"b9", {{1}, {1}}}}, "x"), Error);
    const EncodedNetwork changed = network.withUnstored({{"b1", {{4}, {1, 2, 3, 4}}}}, "x");
    EXPECT_EQ(changed.graph().parameters.at("b1").values, (std::vector<float>{1, 2, 3, 4}));
    EXPECT_NE(network.graph().parameters.at("b1").values, (std::vector<float>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace brownout
