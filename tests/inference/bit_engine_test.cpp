// Products of bits against their definition, bit for bit, on every instruction set; patches and
// their restoration; what becomes bits and what doesn't.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/processor.h"
#include "inference/engines/float_engine.h"
#include "inference/graph/bit_regions.h"
#include "inference/inspect.h"
#include "tests/inference/bit_layers.h"
#include "tests/sanitized.h"

namespace brownout {
namespace {

std::vector<float> outputsOf(Engine& engine, const std::vector<float>& images) {
    const std::size_t count = images.size() / engine.imageElements();
    std::vector<float> outputs(count * engine.outputs());
    engine.run(images.data(), count, outputs.data());
    return outputs;
}

EncodedNetwork stored(const Network& network, const std::string& format = "file",
                      StoreScope scope = StoreScope::kWeights) {
    return EncodedNetwork(network, numberFormat(format), scope);
}

/// Runs a layer on `count` images on an instruction set and compares each with its definition.
void expectAsDefined(const BitLayer& layer, const std::string& set, std::size_t count,
                     std::mt19937& random, const std::string& what) {
    const auto engine = makeEngine(layer.network(), {EngineOutputs::kOwn, set});
    ASSERT_EQ(engine->arithmetic(), "bits") << what;
    std::vector<float> images, expected;
    for (std::size_t n = 0; n < count; ++n) {
        const std::vector<float> image = randomBitImage(layer, random);
        const std::vector<float> scores = layer.run(image);
        images.insert(images.end(), image.begin(), image.end());
        expected.insert(expected.end(), scores.begin(), scores.end());
    }
    ASSERT_EQ(outputsOf(*engine, images), expected) << what << ", " << set;
}

TEST(BitEngine, TenThousandRandomLayersAreTheirDefinitionBitForBit) {
    std::mt19937 random(1);
    const std::vector<std::string> sets = availableInstructionSets();
    for (std::size_t i = 0; i < (test::kSanitized ? 1'000 : 10'000); ++i) {
        const BitLayer layer = randomBitLayer(random);
        // Now and then more images than any vector has lanes.
        const std::size_t images = i % 50 == 0 ? 17 : 1;
        expectAsDefined(layer, sets[i % sets.size()], images, random, "layer " + std::to_string(i));
        if (HasFatalFailure()) return;
    }
}

TEST(BitEngine, EveryInstructionSetGivesTheSameBits) {
    std::mt19937 random(2);
    for (int i = 0; i < 30; ++i) {
        const BitLayer layer = randomBitLayer(random);
        for (const std::string& set : availableInstructionSets()) {
            expectAsDefined(layer, set, 17, random, "layer " + std::to_string(i));
        }
    }
}

TEST(BitEngine, SumsLongerThanACounterOfEightBitsHoldsAreExact) {
    // Counts of bytes are added up at most 31 times: sums of 1 to 70 words, all operands equal.
    std::mt19937 random(3);
    for (const std::int64_t channels : {31, 32, 33, 992, 993, 1024, 2240}) {
        BitLayer layer;
        layer.matrix = true;
        layer.inPerGroup = channels;
        layer.outPerGroup = 9;
        layer.weights.assign(static_cast<std::size_t>(9 * channels), -1);
        layer.lastWeights.assign(27, 1);
        layer.factors.assign(9, -1.0F);
        for (std::int64_t row = 0; row < 9; ++row) {
            layer.summands.push_back(static_cast<float>(-channels + row % 3 - 1));
        }
        for (const std::string& set : availableInstructionSets()) {
            const auto engine = makeEngine(layer.network(), {EngineOutputs::kOwn, set});
            const std::vector<float> ones(static_cast<std::size_t>(channels), 1.0F);
            EXPECT_EQ(outputsOf(*engine, ones), layer.run(ones)) << channels << ", " << set;
        }
    }
}

TEST(BitEngine, FloatsGiveTheSameBits) {
    std::mt19937 random(4);
    for (int i = 0; i < 60; ++i) {
        const BitLayer layer = randomBitLayer(random);
        const auto bits = makeEngine(stored(layer.network()), {EngineOutputs::kOwn});
        const auto floats =
            makeEngine(stored(layer.network(), "file-float"), {EngineOutputs::kOwn, {}, true});
        ASSERT_EQ(bits->arithmetic(), "bits");
        ASSERT_EQ(floats->arithmetic(), "float");
        const std::vector<float> image = randomBitImage(layer, random);
        ASSERT_EQ(outputsOf(*bits, image), outputsOf(*floats, image)) << i;
    }
}

TEST(BitEngine, APatchedWeightIsThatOfANetworkThatHasItAndComesOff) {
    std::mt19937 random(5);
    for (int i = 0; i < 40; ++i) {
        const BitLayer layer = randomBitLayer(random);
        const std::vector<float> image = randomBitImage(layer, random);
        const EncodedNetwork network = stored(layer.network());
        const auto engine = makeEngine(network, {EngineOutputs::kOwn});
        const std::vector<float> clean = outputsOf(*engine, image);
        const auto& tensors = network.storedTensors();
        ASSERT_EQ(tensors.size(), 2U);
        for (int fault = 0; fault < 20; ++fault) {
            BitLayer faulty = layer;
            for (int flip = 0; flip < 3; ++flip) {
                const std::size_t element = random() % layer.weights.size();
                faulty.weights[element] = -faulty.weights[element];
                engine->patch(0, element, faulty.weights[element] > 0 ? 1 : 0);
            }
            const std::size_t last = random() % layer.lastWeights.size();
            faulty.lastWeights[last] = -faulty.lastWeights[last];
            engine->patch(1, last, faulty.lastWeights[last] > 0 ? 1 : 0);
            ASSERT_EQ(outputsOf(*engine, image), faulty.run(image)) << i;
            engine->restore();
        }
        ASSERT_EQ(outputsOf(*engine, image), clean) << i;
    }
}

TEST(BitEngine, TheFormatOfOneBitMakesBitsOfFloats) {
    std::mt19937 random(6);
    BitLayer layer = randomBitLayer(random);
    while (layer.bytes || layer.weightScale != 1.0F) layer = randomBitLayer(random);
    Network network = layer.network();
    network.fileCodes.clear();
    const EncodedNetwork encoded = stored(network, "binary");
    const auto engine = makeEngine(encoded, {EngineOutputs::kOwn});
    EXPECT_EQ(engine->arithmetic(), "bits");
    const std::vector<float> image = randomBitImage(layer, random);
    EXPECT_EQ(outputsOf(*engine, image), layer.run(image));
    BitLayer faulty = layer;
    faulty.weights[0] = -faulty.weights[0];
    engine->patch(0, 0, faulty.weights[0] > 0 ? 1 : 0);
    EXPECT_EQ(outputsOf(*engine, image), faulty.run(image));
}

BitLayer plainLayer() {
    std::mt19937 random(7);
    BitLayer layer;
    layer.inPerGroup = 5;
    layer.outPerGroup = 4;
    layer.height = layer.width = 4;
    layer.kernel[0] = layer.kernel[1] = 3;
    layer.pads[0] = layer.pads[1] = layer.pads[2] = layer.pads[3] = 1;
    for (int e = 0; e < 4 * 5 * 9; ++e) layer.weights.push_back(random() % 2 == 0 ? 1 : -1);
    for (int e = 0; e < 3 * 64; ++e) layer.lastWeights.push_back(random() % 2 == 0 ? 1 : -1);
    layer.factors = {1, -1, 2, 1};
    layer.summands = {0.5F, -0.5F, 1, 3.5F};
    return layer;
}

TEST(BitEngine, WhatMayChangeStaysInFloats) {
    const Network network = plainLayer().network();
    EXPECT_EQ(makeEngine(stored(network))->arithmetic(), "bits");
    // Factors and summands in the failing memory can't be thresholds; the products are bits still.
    EXPECT_EQ(makeEngine(stored(network, "file", StoreScope::kParameters))->arithmetic(), "bits");
    EXPECT_EQ(makeEngine(stored(network, "file-float"))->arithmetic(), "float, Winograd");
    EXPECT_THAT(makeEngine(stored(network, "int8"))->arithmetic(), testing::StartsWith("float"));
}

TEST(BitEngine, FaultsInSummandsAreThoseOfTheFloatEngine) {
    const BitLayer layer = plainLayer();
    const EncodedNetwork network = stored(layer.network(), "file", StoreScope::kParameters);
    const EncodedNetwork same = stored(layer.network(), "file-float", StoreScope::kParameters);
    const auto bits = makeEngine(network, {EngineOutputs::kOwn});
    const auto floats = makeEngine(same, {EngineOutputs::kOwn, {}, true});
    std::mt19937 random(8);
    const std::vector<float> image = randomBitImage(layer, random);
    for (std::size_t t = 0; t < network.storedTensors().size(); ++t) {
        ASSERT_EQ(network.storedTensors()[t].name, same.storedTensors()[t].name);
        const StoredTensor& tensor = network.storedTensors()[t];
        for (std::size_t e = 0; e < tensor.codes.size() && e < 4; ++e) {
            const Code code = tensor.codes[e] ^ (1U << (tensor.bits - 1));
            bits->patch(t, e, code);
            floats->patch(t, e, code);
            ASSERT_EQ(outputsOf(*bits, image), outputsOf(*floats, image)) << tensor.name << e;
            bits->restore();
            floats->restore();
        }
    }
}

TEST(BitEngine, FaultsInAScaleOfBytesAreThoseOfTheFloatEngine) {
    // The image is multiplied with the scale of its bytes, which is stored for that.
    BitLayer layer = plainLayer();
    layer.bytes = true;
    Network network = layer.network();
    network.parameters["scale"] = {{}, {1.0F}};
    std::vector<Node> nodes = {{"scaled", "Mul", {"image", "scale"}, {"scaled"}, {}}};
    for (Node& node : network.nodes) {
        if (node.outputs[0] == "codes") node.inputs[0] = "scaled";
        if (node.outputs[0] == "results") node.inputs[0] = "sums";
        const std::set<std::string> dropped = {"scale", "directed", "above"};
        if (dropped.count(node.outputs[0]) == 0) nodes.push_back(std::move(node));
    }
    network.nodes = std::move(nodes);
    const EncodedNetwork encoded = stored(network, "file", StoreScope::kParameters);
    const EncodedNetwork same = stored(network, "file-float", StoreScope::kParameters);
    const auto bits = makeEngine(encoded, {EngineOutputs::kOwn});
    const auto floats = makeEngine(same, {EngineOutputs::kOwn, {}, true});
    ASSERT_EQ(encoded.storedTensors()[0].name, "scale");
    std::mt19937 random(10);
    const std::vector<float> image = randomBitImage(layer, random);
    const Code half = encoded.storedTensors()[0].codes[0] / 2;
    bits->patch(0, 0, half);
    floats->patch(0, 0, half);
    EXPECT_EQ(outputsOf(*bits, image), outputsOf(*floats, image));
    EXPECT_EQ(bits->arithmetic(), "bits; float");
}

TEST(BitEngine, ASignThatMeetsZeroIsComputedInFloatsWithOneLineSayingSo) {
    BitLayer layer = plainLayer();
    layer.sign = BitLayer::Sign::kSign;
    layer.summands[1] = 0;  // a sum of zero has the sign zero
    Network network = layer.network();
    noteLostBits(network);
    ASSERT_EQ(network.notes.size(), 1U);
    EXPECT_THAT(network.notes[0],
                testing::AllOf(testing::HasSubstr("layer.onnx: node 'scores' (Gemm)"),
                               testing::HasSubstr("computed in floats")));
    std::mt19937 random(9);
    const std::vector<float> image = randomBitImage(layer, random);
    const auto engine = makeEngine(network, {EngineOutputs::kOwn});
    EXPECT_EQ(engine->arithmetic(), "bits; float");
    // Winograd's sums of whole numbers are not whole: a zero gets a sign.
    const auto floats = makeEngine(stored(network, "file-float"), {EngineOutputs::kOwn, {}, true});
    EXPECT_EQ(outputsOf(*engine, image), outputsOf(*floats, image));

    Network bipolar = plainLayer().network();
    noteLostBits(bipolar);
    EXPECT_TRUE(bipolar.notes.empty());
}

TEST(BitEngine, InspectNamesTheLayersOfBits) {
    const NetworkInfo info = inspect(stored(plainLayer().network()));
    for (const LayerInfo& layer : info.layers) {
        if (layer.macs == 0) continue;
        EXPECT_TRUE(layer.bits) << layer.name;
        EXPECT_EQ(layer.storedBits, layer.storedCodes);
    }
    EXPECT_EQ(info.integerMacs, info.macs);
}

}  // namespace
}  // namespace brownout
