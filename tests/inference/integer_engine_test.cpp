// Integer arithmetic against its definition, bit for bit, on every instruction set; patches and
// their restoration; what becomes integer and what doesn't.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/processor.h"
#include "inference/engines/float_engine.h"
#include "inference/graph/integer_regions.h"
#include "inference/inspect.h"
#include "tests/inference/quantized_layers.h"
#include "tests/sanitized.h"

namespace brownout {
namespace {

std::vector<float> randomImages(std::mt19937& random, std::size_t count, float size = 1) {
    std::uniform_real_distribution<float> values(-size, size);
    std::vector<float> images(count);
    for (float& value : images) value = values(random);
    return images;
}

std::vector<float> outputsOf(Engine& engine, const std::vector<float>& images) {
    const std::size_t count = images.size() / engine.imageElements();
    std::vector<float> outputs(count * engine.outputs());
    engine.run(images.data(), count, outputs.data());
    return outputs;
}

/// Runs a layer on more images than any vector has lanes, on every instruction set.
void expectAsDefined(const QuantizedLayer& layer, std::mt19937& random, const std::string& what) {
    const Network network = layer.network();
    constexpr std::size_t kImages = 17;
    const auto elements = static_cast<std::size_t>(layer.channels() * layer.height * layer.width);
    const std::vector<float> images = randomImages(random, kImages * elements);
    for (const std::string& set : availableInstructionSets()) {
        const auto engine = makeEngine(network, {EngineOutputs::kOwn, set});
        ASSERT_EQ(engine->arithmetic(), "integer") << what;
        const std::vector<float> outputs = outputsOf(*engine, images);
        for (std::size_t n = 0; n < kImages; ++n) {
            const auto image = images.begin() + static_cast<std::ptrdiff_t>(n * elements);
            const std::vector<float> expected =
                layer.run({image, image + static_cast<std::ptrdiff_t>(elements)});
            ASSERT_EQ(expected.size(), engine->outputs());
            for (std::size_t i = 0; i < expected.size(); ++i) {
                ASSERT_EQ(outputs[n * expected.size() + i], expected[i])
                    << what << ", " << set << ", image " << n << ", element " << i;
            }
        }
    }
}

TEST(IntegerEngine, ProductsAreTheirDefinitionBitForBit) {
    std::mt19937 random(1);
    for (int i = 0; i < 80; ++i) {
        expectAsDefined(randomLayer(random), random, "layer " + std::to_string(i));
    }
}

TEST(IntegerEngine, WinogradIsTheDefinitionBitForBitAlsoAtRaggedSizes) {
    std::mt19937 random(2);
    for (int i = 0; i < (test::kSanitized ? 10 : 40); ++i) {
        expectAsDefined(randomWinogradLayer(random), random, "layer " + std::to_string(i));
    }
}

/// A layer of 8 to 8 channels, 3x3, whose rows are all at the largest weights but for `spared`
/// weights of row 3, which are 0.
QuantizedLayer largestLayer(std::int64_t channels, std::size_t spared) {
    std::mt19937 random(3);
    QuantizedLayer l;
    l.inPerGroup = channels;
    l.outPerGroup = 8;
    l.height = l.width = 6;
    l.kernel[0] = l.kernel[1] = 3;
    l.pads[0] = l.pads[1] = l.pads[2] = l.pads[3] = 1;
    l.input.scale = 1.0F / 255;
    l.input.zero = 255;
    l.fill(random, false);
    for (std::int64_t& weight : l.weights) weight = -128;
    for (std::size_t e = 0; e < spared; ++e) l.weights[3 * l.elementsOfRow() + e] = 0;
    l.scales = {0.01F};
    l.zeros = {127};
    l.output.scale *= 300;
    l.output.zero = 128;
    return l;
}

TEST(IntegerEngine, SumsTooLargeForWinogradAreDoneInDirectOrder) {
    // 58 channels of 9 weights of size 255 times 255 exceed 2^25 by little.
    std::mt19937 random(4);
    for (std::int64_t channels : {57, 58, 120}) {
        for (std::size_t spared : {std::size_t{0}, std::size_t{40}}) {
            expectAsDefined(largestLayer(channels, spared), random,
                            std::to_string(channels) + " channels");
        }
    }
    const QuantizedLayer l = largestLayer(120, 0);
    const std::vector<float> low(static_cast<std::size_t>(l.channels()) * 36, -1.0F);
    EXPECT_EQ(outputsOf(*makeEngine(l.network(), {EngineOutputs::kOwn}), low), l.run(low));
}

EncodedNetwork stored(const Network& network, const std::string& format = "file",
                      StoreScope scope = StoreScope::kParameters) {
    return EncodedNetwork(network, numberFormat(format), scope);
}

/// Flips a bit of a code of a layer's weights.
void flip(QuantizedLayer& layer, std::size_t element, std::uint32_t bit) {
    FileCodes codes;
    codes.isSigned = layer.signedWeights;
    const auto bits = static_cast<std::uint32_t>(layer.weights[element]) ^ (1U << bit);
    layer.weights[element] = codeOfBits(codes, bits);
}

/// Patches every bit of every weight, in turn, and compares with a layer that has that weight.
void expectPatchesAsDefined(const QuantizedLayer& layer, std::size_t elementStep) {
    std::mt19937 random(5);
    const std::vector<float> image = randomImages(
        random, static_cast<std::size_t>(layer.channels() * layer.height * layer.width));
    for (const std::string& set : availableInstructionSets()) {
        const EncodedNetwork network = stored(layer.network());
        const auto engine = makeEngine(network, {EngineOutputs::kOwn, set});
        const std::vector<float> clean = outputsOf(*engine, image);
        ASSERT_EQ(clean, layer.run(image));
        for (std::size_t e = 0; e < layer.weights.size(); e += elementStep) {
            for (std::uint32_t bit = 0; bit < 8; ++bit) {
                QuantizedLayer faulty = layer;
                flip(faulty, e, bit);
                engine->patch(0, e, network.storedTensors()[0].codes[e] ^ (1U << bit));
                ASSERT_EQ(outputsOf(*engine, image), faulty.run(image)) << e << ", bit " << bit;
                engine->restore();
            }
        }
        ASSERT_EQ(outputsOf(*engine, image), clean) << set;
    }
}

TEST(IntegerEngine, EveryBitOfAWeightCanBePatchedAndRestored) {
    std::mt19937 random(6);
    for (int i = 0; i < 4; ++i) {
        QuantizedLayer layer = randomLayer(random);
        layer.height = layer.width = 7;
        expectPatchesAsDefined(layer, 3);
    }
    QuantizedLayer winograd = randomWinogradLayer(random);
    winograd.height = winograd.width = 5;
    expectPatchesAsDefined(winograd, 37);
}

TEST(IntegerEngine, APatchThatMakesARowTooLargeForWinogradIsExactAndSoIsItsRestoration) {
    // Codes 0 less the zero point 127: bit 7 takes weights from -127 to -255.
    QuantizedLayer layer = largestLayer(58, 0);
    for (std::int64_t& weight : layer.weights) weight = 0;
    const std::vector<float> image(static_cast<std::size_t>(layer.channels()) * 36, -1.0F);
    const EncodedNetwork network = stored(layer.network());
    for (const std::string& set : availableInstructionSets()) {
        const auto engine = makeEngine(network, {EngineOutputs::kOwn, set});
        QuantizedLayer faulty = layer;
        for (std::size_t e = 0; e < layer.elementsOfRow(); ++e) {
            const std::size_t element = 3 * layer.elementsOfRow() + e;
            flip(faulty, element, 7);
            engine->patch(0, element, 0x80);
        }
        EXPECT_EQ(outputsOf(*engine, image), faulty.run(image));
        engine->restore();
        EXPECT_EQ(outputsOf(*engine, image), layer.run(image));
    }
}

TEST(IntegerEngine, EveryBitOfABiasCanBePatchedAndRestored) {
    std::mt19937 random(8);
    const QuantizedLayer layer = randomWinogradLayer(random);
    const std::vector<float> image = randomImages(
        random, static_cast<std::size_t>(layer.channels() * layer.height * layer.width));
    const EncodedNetwork network = stored(layer.network());
    ASSERT_EQ(network.storedTensors().at(1).bits, 32U);
    const auto engine = makeEngine(network, {EngineOutputs::kOwn});
    for (std::uint32_t bit = 0; bit < 32; ++bit) {
        QuantizedLayer faulty = layer;
        const auto bits = static_cast<std::uint32_t>(layer.bias[5]) ^ (1U << bit);
        faulty.bias[5] = static_cast<std::int32_t>(bits);
        engine->patch(1, 5, bits);
        ASSERT_EQ(outputsOf(*engine, image), faulty.run(image)) << "bit " << bit;
        engine->restore();
    }
    EXPECT_EQ(outputsOf(*engine, image), layer.run(image));
}

TEST(IntegerEngine, WhatIsKeptIsWhatRestoringReturnsTo) {
    std::mt19937 random(9);
    QuantizedLayer layer = randomWinogradLayer(random);
    const std::vector<float> image = randomImages(
        random, static_cast<std::size_t>(layer.channels() * layer.height * layer.width));
    const EncodedNetwork network = stored(layer.network());
    const auto engine = makeEngine(network, {EngineOutputs::kOwn});
    flip(layer, 11, 6);
    engine->patch(0, 11, network.storedTensors()[0].codes[11] ^ 0x40U);
    engine->keep();
    engine->patch(0, 12, network.storedTensors()[0].codes[12] ^ 0xffU);
    engine->patch(0, 12, network.storedTensors()[0].codes[12] ^ 0x0fU);
    engine->restore();
    EXPECT_EQ(outputsOf(*engine, image), layer.run(image));
}

// --- What lies between products. Its arithmetic is that of floats, so the float engine is the
// oracle, bit for bit, but for the order in which means are added.

Coding coding(float low, float high, bool isSigned = false) {
    Coding c;
    c.isSigned = isSigned;
    c.scale = (high - low) / 255;
    c.zero = c.low() - static_cast<std::int64_t>(std::nearbyint(low / c.scale));
    return c;
}

/// A quantised convolution 1x1 of `channels` channels with an identity of weights, so that the
/// network counts as one of integers; the values pass it unchanged.
std::string identity(Network& network, const std::string& x, std::int64_t channels) {
    const std::string name = "identity" + std::to_string(network.nodes.size());
    FileCodes codes;
    FloatTensor values{{channels, channels, 1, 1}, {}};
    for (std::int64_t i = 0; i < channels * channels; ++i) {
        codes.codes.push_back(i % (channels + 1) == 0 ? 64 : 0);
        values.values.push_back(i % (channels + 1) == 0 ? 1.0F : 0.0F);
    }
    codes.scales = {1.0F / 64};
    codes.zeroPoints = {0};
    network.parameters[name] = values;
    network.fileCodes[name] = codes;
    return addNode(network, "Conv", {x, name});
}

Network start(std::int64_t channels = 5, std::int64_t size = 6) {
    Network network;
    network.file = "test";
    network.opset = 21;
    network.inputs = {Port{"x", {-1, channels, size, size}}};
    return network;
}

/// Returns the steps that the outputs of both engines are apart at most, and checks that the
/// integer one is one.
float stepsApart(Network network, const std::string& output, float step) {
    network.outputs = {Port{output, {}}};
    std::mt19937 random(10);
    float most = 0;
    for (const std::string& set : availableInstructionSets()) {
        const auto engine = makeEngine(network, {EngineOutputs::kOwn, set});
        EXPECT_EQ(engine->arithmetic(), "integer");
        FloatEngine floats(network, set);
        const std::vector<float> images = randomImages(random, 20 * engine->imageElements(), 2);
        const std::vector<float> a = outputsOf(*engine, images);
        const std::vector<float> b = outputsOf(floats, images);
        for (std::size_t i = 0; i < a.size(); ++i) {
            most = std::max(most, std::abs(a[i] - b[i]) / step);
        }
    }
    return most;
}

TEST(IntegerEngine, ResidualSumsAreThoseOfFloats) {
    Network n = start();
    const std::string x = addCoding(n, "x", coding(-2, 2));
    const std::string y = addCoding(n, identity(n, x, 5), coding(-1, 1.5F, true));
    std::string z = addNode(n, "Add", {x, y});
    z = addNode(n, "Relu", {z});
    EXPECT_EQ(stepsApart(n, addCoding(n, z, coding(-1, 3)), 4.0F / 255), 0.0F);
}

TEST(IntegerEngine, PoolingMovingAndJoiningAreThoseOfFloats) {
    using Ints = std::vector<std::int64_t>;
    Network n = start();
    const std::string x = addCoding(n, "x", coding(-2, 2));
    const std::string y = addCoding(n, identity(n, x, 5), coding(-1, 1.5F, true));
    const std::string most = addNode(
        n, "MaxPool", {y},
        {{"kernel_shape", Ints{3, 2}}, {"strides", Ints{2, 1}}, {"pads", Ints{1, 1, 1, 0}}});
    std::string joined = addCoding(
        n, addNode(n, "Concat", {most, most}, {{"axis", std::int64_t{1}}}), coding(-1, 1.5F, true));
    EXPECT_EQ(stepsApart(n, joined, 1), 0.0F);
    n.nodes.resize(n.nodes.size() - 3);
    const std::string other = addCoding(n, most, coding(-2, 1));
    joined = addCoding(n, addNode(n, "Concat", {other, most}, {{"axis", std::int64_t{1}}}),
                       coding(-1, 2));
    const std::string flat = addCoding(n, addNode(n, "Flatten", {joined}), coding(-1, 2));
    EXPECT_EQ(stepsApart(n, flat, 1), 0.0F);
}

TEST(IntegerEngine, MeansAreThoseOfFloatsButForTies) {
    using Ints = std::vector<std::int64_t>;
    for (const std::int64_t padding : {0, 1}) {
        Network n = start();
        const std::string x = addCoding(n, "x", coding(-2, 2));
        const std::string y = addCoding(n, identity(n, x, 5), coding(-1, 1.5F, true));
        const std::string mean = addCoding(n,
                                           addNode(n, "AveragePool", {y},
                                                   {{"kernel_shape", Ints{2, 3}},
                                                    {"pads", Ints{1, 1, 0, 1}},
                                                    {"count_include_pad", padding}}),
                                           coding(-1.1F, 1.3F));
        EXPECT_LE(stepsApart(n, mean, 2.4F / 255), 1.001F);
        const std::string all =
            addCoding(n, addNode(n, "GlobalAveragePool", {mean}), coding(-0.7F, 0.9F));
        EXPECT_LE(stepsApart(n, all, 1.6F / 255), 1.001F);
    }
}

TEST(IntegerEngine, WhatHasNoIntegerFormRunsInFloatsBetween) {
    Network n = start();
    std::string x = addCoding(n, "x", coding(-2, 2));
    x = addNode(n, "Sigmoid", {identity(n, x, 5)});
    x = addCoding(n, x, coding(0, 1));
    const std::string y = addNode(n, "Mul", {x, x});
    EXPECT_EQ(stepsApart(n, addCoding(n, y, coding(0, 1)), 1.0F / 255), 0.0F);
}

TEST(IntegerEngine, ResultsInFloatsAreWithinRoundingOfFloats) {
    Network n = start();
    const std::string x = addCoding(n, "x", coding(-2, 2));
    EXPECT_LE(stepsApart(n, identity(n, x, 5), 1), 1e-6F);
}

TEST(IntegerEngine, RunsWhereTheFormatSaysSo) {
    std::mt19937 random(11);
    const QuantizedLayer layer = randomWinogradLayer(random);
    EXPECT_EQ(makeEngine(stored(layer.network()))->arithmetic(), "integer");
    for (const char* format : {"file-float", "rquant8"}) {
        const auto engine = makeEngine(stored(layer.network(), format));
        EXPECT_THAT(engine->arithmetic(), testing::StartsWith("float"));
    }
    const NetworkInfo info = inspect(stored(layer.network()));
    EXPECT_EQ(info.integerMacs, info.macs);
    EXPECT_EQ(inspect(stored(layer.network(), "file-float")).integerMacs, 0U);
}

TEST(IntegerEngine, RunsBehindKeptActivationsGiveWhatWholeRunsGive) {
    Network n = start(8, 6);
    std::string x = addCoding(n, "x", coding(-2, 2));
    const std::string y = addCoding(n, identity(n, x, 8), coding(-1, 1.5F, true));
    x = addCoding(n, addNode(n, "Add", {x, y}), coding(-2, 3));
    x = addCoding(n, identity(n, x, 8), coding(-1, 2));
    n.outputs = {Port{x, {}}};
    const EncodedNetwork network = stored(n);
    ASSERT_EQ(network.storedTensors().size(), 2U);
    std::mt19937 random(13);
    for (const std::string& set : availableInstructionSets()) {
        const auto engine = makeEngine(network, {EngineOutputs::kOwn, set});
        const std::size_t count = engine->lanes() + 1;
        const std::vector<float> images = randomImages(random, count * engine->imageElements());
        const auto prefixes = engine->makePrefixes(count, std::size_t{1} << 24);
        ASSERT_NE(prefixes, nullptr);
        std::vector<float> outputs(count * engine->outputs());
        std::vector<std::size_t> numbers(count);
        for (std::size_t i = 0; i < count; ++i) numbers[i] = i;
        engine->runKeeping(images.data(), numbers, outputs.data(), *prefixes);
        EXPECT_EQ(outputs, outputsOf(*engine, images));
        engine->patch(1, 9, 0x35);
        const std::vector<float> faulty = outputsOf(*engine, images);
        EXPECT_NE(faulty, outputs);
        ASSERT_TRUE(engine->runBehind(*prefixes, numbers, outputs.data()));
        EXPECT_EQ(outputs, faulty);
    }
}

TEST(IntegerEngine, TimesAreThoseOfTheNetworksNodes) {
    Network n = start();
    const std::string x = addCoding(n, "x", coding(-2, 2));
    const std::string y = addCoding(n, identity(n, x, 5), coding(-1, 1.5F));
    // Each part of a Concat is requantised by an operator of its own.
    const std::string joined = addNode(n, "Concat", {x, y}, {{"axis", std::int64_t{1}}});
    n.outputs = {Port{addCoding(n, joined, coding(-1, 2)), {}}};
    const auto engine = makeEngine(n);
    std::vector<double> seconds(n.nodes.size());
    std::vector<float> outputs(engine->lanes() * engine->outputs());
    const std::vector<float> images(engine->lanes() * engine->imageElements());
    engine->runTimed(images.data(), outputs.data(), seconds);
    for (std::size_t i = 0; i < seconds.size(); ++i) {
        const std::string& op = n.nodes[i].op;
        if (op == "Conv" || op == "Concat") {
            EXPECT_GT(seconds[i], 0) << i;
        } else if (op == "DequantizeLinear" && i + 1 < seconds.size()) {
            EXPECT_EQ(seconds[i], 0) << i;
        }
    }
}

TEST(IntegerEngine, FloatsWithCodesOfTheFileAreAtMostAStepApart) {
    std::mt19937 random(12);
    for (int i = 0; i < 20; ++i) {
        const QuantizedLayer layer = i % 2 == 0 ? randomLayer(random) : randomWinogradLayer(random);
        const Network network = layer.network();
        FloatEngine floats(network);
        const std::vector<float> images = randomImages(random, 5 * floats.imageElements());
        const std::vector<float> a = outputsOf(*makeEngine(network, {EngineOutputs::kOwn}), images);
        const std::vector<float> b = outputsOf(floats, images);
        std::size_t differing = 0;
        for (std::size_t j = 0; j < a.size(); ++j) {
            EXPECT_LE(std::abs(a[j] - b[j]), 1.001F * layer.output.scale);
            differing += a[j] != b[j];
        }
        EXPECT_LE(differing, a.size() / 200 + 1);
    }
}

}  // namespace
}  // namespace brownout
