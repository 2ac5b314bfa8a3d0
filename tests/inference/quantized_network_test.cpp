// Networks whose file has quantised weights: the memory holds the file's codes, and what doesn't
// reach the memory is named.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/error.h"
#include "inference/engines/float_engine.h"
#include "inference/formats/encoded_network.h"
#include "inference/formats/storage.h"
#include "inference/graph/constant_folding.h"

namespace brownout {
namespace {

Node node(const std::string& output, const std::string& op, const std::vector<std::string>& inputs,
          std::map<std::string, AttributeValue> attributes = {}) {
    Node one;
    one.name = output;
    one.op = op;
    one.inputs = inputs;
    one.outputs = {output};
    one.attributes = std::move(attributes);
    return one;
}

/// A network that multiplies an image of `depth` values by "w", which `nodes` make.
Network productOf(std::int64_t depth, std::vector<Node> nodes) {
    Network network;
    network.file = "test";
    network.opset = 21;
    network.inputs = {Port{"x", {-1, depth}}};
    network.nodes = std::move(nodes);
    network.nodes.push_back(node("y", "MatMul", {"x", "w"}));
    network.outputs = {Port{"y", {}}};
    return network;
}

EncodedNetwork stored(Network network, const std::string& format = "file") {
    foldConstants(network);
    return EncodedNetwork(network, numberFormat(format), StoreScope::kWeights);
}

IntTensor codes(const Shape& shape, const std::vector<std::int64_t>& values, std::uint32_t bits = 8,
                bool isSigned = true) {
    return {shape, values, bits, isSigned};
}

TEST(QuantizedNetwork, CodesOfTheFileAreStoredAndMeanWhatTheFileSays) {
    Network network = productOf(2, {node("w", "DequantizeLinear", {"q", "s", "z"})});
    network.integers["q"] = codes({2, 3}, {-128, 0, 127, 1, -1, 5});
    network.parameters["s"] = {{3}, {0.5F, 0.25F, 2}};
    network.integers["z"] = codes({3}, {0, 3, -1});
    const EncodedNetwork encoded = stored(network);
    const StoredTensor& tensor = encoded.storedTensors().at(0);
    EXPECT_EQ(tensor.bits, 8U);
    EXPECT_THAT(tensor.codes, testing::ElementsAre(0x80, 0, 0x7f, 1, 0xff, 5));
    std::vector<float> values(6);
    tensor.format->decode(tensor.codes, values);
    EXPECT_THAT(values, testing::ElementsAre(-64, -0.75F, 256, 0.5F, -1, 12));
    // Every pattern means something, also the -128 that narrow quantisers never make.
    EXPECT_EQ(tensor.format->decode(0x80, 1), (-128 - 3) * 0.25F);
    EXPECT_EQ(tensor.format->zero(0), 0U);
    EXPECT_EQ(tensor.format->zero(1), 3U);
    EXPECT_EQ(tensor.format->zero(2), 0xffU);
    // They are what the engine computes with.
    FloatEngine engine(encoded);
    const std::vector<float> image = {1, 2};
    std::vector<float> outputs(3);
    engine.run(image.data(), 1, outputs.data());
    EXPECT_THAT(outputs, testing::ElementsAre(-63, -2.75F, 280));
}

TEST(QuantizedNetwork, WidthsAreThoseOfTheTypeOrOfAClip) {
    Network four = productOf(2, {node("w", "DequantizeLinear", {"q", "s"})});
    four.integers["q"] = codes({2, 1}, {-8, 7}, 4);
    four.parameters["s"] = {{}, {1}};
    EXPECT_EQ(stored(four).bitCount(), 8U);
    EXPECT_THAT(stored(four).storedTensors()[0].codes, testing::ElementsAre(8, 7));

    // Trained with fake quantisation: floats, quantised, clipped to 3 bits, dequantised.
    Network clipped = productOf(
        3, {node("q", "QuantizeLinear", {"f", "s", "z"}), node("c", "Clip", {"q", "low", "high"}),
            node("w", "DequantizeLinear", {"c", "s", "z"})});
    clipped.parameters["f"] = {{3, 1}, {-9, 0.75F, 1.25F}};
    clipped.parameters["s"] = {{}, {0.5F}};
    clipped.integers["z"] = codes({}, {0});
    clipped.integers["low"] = codes({}, {-3});
    clipped.integers["high"] = codes({}, {3});
    const EncodedNetwork encoded = stored(clipped);
    EXPECT_EQ(encoded.codeBits(), 3U);
    // Half to even: 1.5 and 2.5 are both 2.
    EXPECT_THAT(encoded.storedTensors()[0].codes, testing::ElementsAre(5, 2, 2));
}

TEST(QuantizedNetwork, QonnxWeightsHaveTheirWidthAndScales) {
    Network quant = productOf(2, {node("w", "Quant", {"f", "s", "z", "b"})});
    quant.parameters["f"] = {{2, 2}, {0.9F, -3, -0.3F, 40}};
    quant.parameters["s"] = {{1, 2}, {0.5F, 4}};
    quant.parameters["z"] = {{}, {0}};
    quant.parameters["b"] = {{}, {4}};
    const EncodedNetwork encoded = stored(quant);
    EXPECT_EQ(encoded.codeBits(), 4U);
    EXPECT_THAT(encoded.storedTensors()[0].codes, testing::ElementsAre(2, 15, 15, 7));
    EXPECT_THAT(encoded.graph().parameters.at("w").values, testing::ElementsAre(1, -4, -0.5F, 28));

    Network bipolar = productOf(3, {node("w", "BipolarQuant", {"f", "s"})});
    bipolar.parameters["f"] = {{3, 1}, {-1, 0, 0.5F}};
    bipolar.parameters["s"] = {{}, {0.5F}};
    const EncodedNetwork bits = stored(bipolar);
    EXPECT_EQ(bits.codeBits(), 1U);
    EXPECT_THAT(bits.storedTensors()[0].codes, testing::ElementsAre(0, 1, 1));
    EXPECT_THAT(bits.graph().parameters.at("w").values, testing::ElementsAre(-0.5F, 0.5F, 0.5F));
}

TEST(QuantizedNetwork, BlocksOfAnAxisHaveScalesOfTheirOwn) {
    Network network =
        productOf(4, {node("w", "DequantizeLinear", {"q", "s"},
                           {{"axis", std::int64_t{0}}, {"block_size", std::int64_t{2}}})});
    network.integers["q"] = codes({4, 2}, {1, 2, 3, 4, 5, 6, 7, -8}, 4);
    network.parameters["s"] = {{2, 2}, {1, 10, 100, 1000}};
    EXPECT_THAT(stored(network).graph().parameters.at("w").values,
                testing::ElementsAre(1, 20, 3, 40, 500, 6000, 700, -8000));
    EXPECT_EQ(stored(network).codeBits(), 4U);
}

TEST(QuantizedNetwork, TheFormatFileIsTheDefaultOfSuchFilesOnly) {
    Network network = productOf(2, {node("w", "DequantizeLinear", {"q", "s"})});
    network.integers["q"] = codes({2, 1}, {1, 2});
    network.parameters["s"] = {{}, {1}};
    foldConstants(network);
    EXPECT_EQ(storageOf(network).format->name(), "file");
    StorageOptions options;
    options.format = "rquant8";
    EXPECT_EQ(storageOf(network, options).format->name(), "rquant8");
    network.metadata["brownout.bits"] = "4";
    EXPECT_EQ(storageOf(network).format->name(), "rquant4");

    Network plain = productOf(2, {});
    plain.parameters["w"] = {{2, 1}, {1, 2}};
    EXPECT_EQ(storageOf(plain).format->name(), "rquant8");
    options.format = "file";
    EXPECT_THROW(storageOf(plain, options), UsageError);
}

TEST(Folding, KernelsReachTheMemoryAfterAllArithmetic) {
    Network network =
        productOf(2, {node("two", "Constant", {}, {{"value_float", 2.0F}}),
                      node("k", "Constant", {}, {{"value", FloatTensor{{2, 2}, {1, 2, 3, 4}}}}),
                      node("kt", "Transpose", {"k"}), node("k2", "Mul", {"kt", "two"}),
                      node("w", "Clip", {"k2", "", "most"})});
    network.parameters["most"] = {{}, {5}};
    const EncodedNetwork encoded = stored(network, "fp32");
    ASSERT_EQ(encoded.storedTensors().size(), 1U);
    EXPECT_EQ(encoded.storedTensors()[0].role, TensorRole::kWeight);
    EXPECT_THAT(encoded.graph().parameters.at("w").values, testing::ElementsAre(2, 5, 4, 5));
    EXPECT_EQ(encoded.graph().nodes.size(), 1U);
}

TEST(Folding, ArithmeticOnCodesOfTheFileIsSaid) {
    Network network = productOf(2, {node("d", "DequantizeLinear", {"q", "s"}),
                                    node("t", "Transpose", {"d"}), node("w", "Mul", {"t", "f"})});
    network.integers["q"] = codes({2, 2}, {1, 2, 3, 4});
    network.parameters["s"] = {{}, {0.5F}};
    network.parameters["f"] = {{2}, {1, 10}};
    foldConstants(network);
    EXPECT_TRUE(network.fileCodes.empty());
    ASSERT_EQ(network.notes.size(), 1U);
    EXPECT_THAT(network.notes[0], testing::HasSubstr("(Mul): computes with the quantised weights"));
    EXPECT_THAT(network.parameters.at("w").values, testing::ElementsAre(0.5F, 15, 1, 20));
}

TEST(Folding, WhatIsOnlyMovedIsStoredAsInTheFile) {
    Network network = productOf(2, {node("w", "Transpose", {"k"})});
    network.parameters["k"] = {{3, 2}, {1, 2, 3, 4, 5, 6}};
    const EncodedNetwork encoded = stored(network, "fp32");
    EXPECT_EQ(encoded.storedTensors().at(0).shape, (Shape{3, 2}));
    EXPECT_EQ(encoded.graph().nodes.size(), 2U);
}

TEST(Folding, FactorsOutsideTheMemoryAreNamed) {
    Network network = productOf(2, {});
    network.parameters["w"] = {{2, 2}, {1, 2, 3, 4}};
    network.nodes.push_back(node("one", "Add", {"a", "unit"}));
    network.nodes.push_back(node("scaled", "Mul", {"y", "one"}));
    network.nodes.push_back(node("out", "Add", {"scaled", "b"}));
    network.parameters["a"] = {{2}, {0.5F, 0.25F}};
    network.parameters["unit"] = {{}, {1}};
    network.parameters["b"] = {{2}, {7, 8}};
    network.outputs = {Port{"out", {}}};
    foldConstants(network);
    const EncodedNetwork weights(network, numberFormat("fp32"), StoreScope::kWeights);
    ASSERT_EQ(weights.unstoredFactors().size(),
              2U);  // "a" and "unit", though added before it multiplies
    EXPECT_EQ(weights.unstoredFactors()[0].name, "a");
    network = productOf(2, {});
    network.parameters["w"] = {{2, 2}, {1, 2, 3, 4}};
    network.nodes.push_back(node("scaled", "Mul", {"y", "a"}));
    network.nodes.push_back(node("out", "Add", {"scaled", "b"}));
    network.parameters["a"] = {{2}, {0.5F, 0.25F}};
    network.parameters["b"] = {{2}, {7, 8}};
    network.outputs = {Port{"out", {}}};
    const EncodedNetwork some(network, numberFormat("fp32"), StoreScope::kWeights);
    ASSERT_EQ(some.unstoredFactors().size(), 1U);
    EXPECT_EQ(some.unstoredFactors()[0].name, "a");
    EXPECT_EQ(some.unstoredFactors()[0].bits(), 64U);
    EXPECT_THAT(describe(some.unstoredFactors()), testing::HasSubstr("a (2 values, 64 bits"));
    const EncodedNetwork all(network, numberFormat("fp32"), StoreScope::kParameters);
    EXPECT_TRUE(all.unstoredFactors().empty());
    EXPECT_EQ(describe({}), "");
}

}  // namespace
}  // namespace brownout
