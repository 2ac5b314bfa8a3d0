// Do stored weights go through an engine bit by bit, whatever a fault makes of them, and are
// classes ranked by what comes before a final softmax?

#include "inference/engines/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include "base/error.h"
#include "base/processor.h"
#include "inference/engines/float_engine.h"
#include "inference/graph/final_softmax.h"
#include "inference/onnx/onnx_import.h"
#include "inference/ranking.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

const float kInfinity = std::numeric_limits<float>::infinity();
const float kNan = std::numeric_limits<float>::quiet_NaN();

Network load(const std::string& name) {
    return importOnnx(fs::path(BROWNOUT_INFERENCE_DATA) / (name + ".onnx"));
}

Node node(const std::string& name, const std::string& op, std::vector<std::string> inputs) {
    Node made;
    made.name = name;
    made.op = op;
    made.inputs = std::move(inputs);
    made.outputs = {name};
    return made;
}

/// A network of one input [1, ...] and the nodes that follow it.
Network networkOf(const Shape& input, std::vector<Node> nodes) {
    Network graph;
    graph.file = "made";
    graph.opset = 13;
    graph.inputs = {{"x", input}};
    graph.outputs = {{nodes.back().name, {}}};
    graph.nodes = std::move(nodes);
    return graph;
}

std::vector<float> images(const Engine& engine, std::size_t count) {
    std::vector<float> values(count * engine.imageElements());
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(7919 * i % 256) / 255.0F;
    }
    return values;
}

std::vector<std::uint32_t> bitsOf(Engine& engine, const std::vector<float>& input) {
    const std::size_t count = input.size() / engine.imageElements();
    std::vector<float> outputs(count * engine.outputs());
    engine.run(input.data(), count, outputs.data());
    std::vector<std::uint32_t> bits(outputs.size());
    std::memcpy(bits.data(), outputs.data(), 4 * bits.size());
    return bits;
}

TEST(Engine, SinglePrecisionWeightsGiveTheOutputsOfTheFileBitByBit) {
    for (const char* name : {"groupnorm", "mobile", "attention"}) {
        for (const std::string& set : availableInstructionSets()) {
            const Network graph = load(name);
            const EncodedNetwork network(graph, numberFormat("fp32"), StoreScope::kParameters);
            const EngineSettings exact{EngineOutputs::kOwn, set, true};
            const auto stored = makeEngine(network, {EngineOutputs::kOwn, set});
            const auto plain = makeEngine(graph, exact);
            const auto input = images(*plain, 19);
            EXPECT_EQ(bitsOf(*stored, input), bitsOf(*plain, input)) << name << " " << set;
            EXPECT_EQ(stored->arithmetic(), "float");
            EXPECT_EQ(stored->instructionSet(), set);
            EXPECT_GT(stored->bytes(), 4 * network.codeCount());
        }
    }
}

TEST(Engine, AFlippedBitOfAWeightIsTheWeightWithThatBitFlipped) {
    for (const char* format : {"fp32", "bf16", "fp16", "fp8-e4m3", "fp8-e5m2", "q3.13", "int16",
                               "rquant12-channel", "binary"}) {
        const Network graph = load("groupnorm");
        const EncodedNetwork network(graph, numberFormat(format), StoreScope::kParameters);
        const auto engine = makeEngine(network);
        EngineSettings sameSums;
        sameSums.exact = !network.bounded();
        const auto input = images(*engine, 3);
        const auto clean = bitsOf(*engine, input);
        bool anyNan = false;
        for (std::size_t t : {std::size_t{0}, network.storedTensors().size() - 1}) {
            const StoredTensor& tensor = network.storedTensors()[t];
            for (std::uint32_t bit = 0; bit < tensor.bits; ++bit) {
                const std::size_t element = (bit * 7) % tensor.codes.size();
                const Code flipped = tensor.codes[element] ^ Code { 1 } << bit;
                // The oracle: a network whose file has that very weight.
                Network damaged = graph;
                for (const StoredTensor& one : network.storedTensors()) {
                    one.format->decode(one.codes, damaged.parameters.at(one.name).values);
                }
                const float value = tensor.format->decode(flipped, element);
                damaged.parameters.at(tensor.name).values[element] = value;
                anyNan = anyNan || !std::isfinite(value);
                engine->patch(t, element, flipped);
                EXPECT_EQ(bitsOf(*engine, input), bitsOf(*makeEngine(damaged, sameSums), input))
                    << format << " bit " << bit;
                engine->restore();
            }
        }
        EXPECT_EQ(bitsOf(*engine, input), clean) << format;
    }
}

TEST(Engine, EveryBitOfASinglePrecisionWeightCanMakeAnInfinityOrNaN) {
    // 1.5 is 0x3fc00000: with the top exponent bit it becomes NaN; 1.0 becomes infinite.
    Network graph = networkOf({-1, 2}, {node("out", "MatMul", {"x", "w"})});
    graph.parameters["w"] = {{2, 2}, {1.0F, 1.5F, 0.25F, -2.0F}};
    const EncodedNetwork network(graph, numberFormat("fp32"), StoreScope::kWeights);
    const auto engine = makeEngine(network);
    std::vector<float> outputs(2);
    const std::vector<float> image = {2.0F, 4.0F};
    engine->patch(0, 0, network.storedTensors()[0].codes[0] ^ 0x40000000U);
    engine->run(image.data(), 1, outputs.data());
    EXPECT_EQ(outputs[0], kInfinity);
    EXPECT_EQ(outputs[1], -5.0F);
    EXPECT_EQ(firstOf(outputs), 0U);
    engine->restore();
    engine->patch(0, 1, network.storedTensors()[0].codes[1] ^ 0x40000000U);
    engine->run(image.data(), 1, outputs.data());
    EXPECT_EQ(outputs[0], 3.0F);
    EXPECT_TRUE(std::isnan(outputs[1]));
    EXPECT_EQ(firstOf(outputs), std::nullopt);
    engine->restore();
    engine->run(image.data(), 1, outputs.data());
    EXPECT_EQ(outputs, (std::vector<float>{3.0F, -5.0F}));
}

TEST(FloatEngine, InfiniteWeightsTimesZeroAreNaNAtPaddingToo) {
    // A 3 x 3 kernel over a 3 x 3 image of ones, padded by one: the weight of the upper left corner
    // meets padding in the first row and column of the result.
    Node conv = node("out", "Conv", {"x", "w"});
    conv.attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
    for (const std::string& set : availableInstructionSets()) {
        Network graph = networkOf({-1, 1, 3, 3}, {conv});
        graph.parameters["w"] = {{1, 1, 3, 3}, {kInfinity, 1, 1, 1, 1, 1, 1, 1, 1}};
        FloatEngine engine(graph, set);
        const std::size_t count = 5;  // lanes that hold no image don't matter
        const std::vector<float> ones(9 * count, 1.0F);
        std::vector<float> outputs(9 * count);
        engine.run(ones.data(), count, outputs.data());
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            const bool padded = i % 9 < 3 || i % 3 == 0;
            EXPECT_TRUE(padded ? std::isnan(outputs[i]) : outputs[i] == kInfinity) << set << i;
        }
    }
}

TEST(FloatEngine, AnImageWithNaNLeavesItsNeighboursAlone) {
    for (const std::string& set : availableInstructionSets()) {
        FloatEngine engine(load("groupnorm"), set);
        auto input = images(engine, 7);
        const auto clean = bitsOf(engine, input);
        for (std::size_t e = 0; e < engine.imageElements(); ++e) {
            input[3 * engine.imageElements() + e] = kNan;
        }
        const auto bits = bitsOf(engine, input);
        for (std::size_t i = 0; i < bits.size(); ++i) {
            if (i / engine.outputs() != 3) {
                EXPECT_EQ(bits[i], clean[i]);
            } else {
                EXPECT_EQ(bits[i] & 0x7f800000U, 0x7f800000U);
                EXPECT_NE(bits[i] & 0x007fffffU, 0U);
            }
        }
    }
}

/// An operator of one value, what it needs beside it, and what it gives for +-infinity; NaN gives
/// NaN in all of them, as in the ONNX reference and PyTorch.
struct Passing {
    std::string op;
    float ofInfinity;
    float ofMinusInfinity;
};

TEST(FloatEngine, OperatorsPassNaNOnAndTakeInfinitiesAsIeeeSays) {
    const std::vector<Passing> operators = {{"Relu", kInfinity, 0},
                                            {"LeakyRelu", kInfinity, -kInfinity},
                                            {"HardSigmoid", 1, 0},
                                            {"HardSwish", kInfinity, kNan},
                                            {"Sigmoid", 1, 0},
                                            {"Tanh", 1, -1},
                                            {"Exp", kInfinity, 0},
                                            {"Log", kInfinity, kNan},
                                            {"Sqrt", kInfinity, kNan},
                                            {"Abs", kInfinity, kInfinity},
                                            {"Neg", -kInfinity, kInfinity},
                                            {"Reciprocal", 0, 0},
                                            {"Erf", 1, -1},
                                            {"Elu", kInfinity, -1},
                                            {"Softplus", kInfinity, 0},
                                            {"Softsign", kNan, kNan},
                                            {"Floor", kInfinity, -kInfinity},
                                            {"Ceil", kInfinity, -kInfinity},
                                            {"Clip", 6, -6},
                                            {"Max", kInfinity, 0.5F},
                                            {"Min", 0.5F, -kInfinity},
                                            {"Selu", kInfinity, -1.7580993F}};
    for (const Passing& passing : operators) {
        for (const std::string& set : availableInstructionSets()) {
            Network graph = networkOf({-1, 3}, {node("out", passing.op, {"x"})});
            if (passing.op == "Clip") {
                graph.nodes[0].inputs = {"x", "low", "high"};
                graph.parameters["low"] = {{}, {-6}};
                graph.parameters["high"] = {{}, {6}};
            }
            if (passing.op == "Max" || passing.op == "Min") {
                graph.nodes[0].inputs = {"x", "half"};
                graph.parameters["half"] = {{}, {0.5F}};
            }
            FloatEngine engine(graph, set);
            const std::vector<float> image = {kNan, kInfinity, -kInfinity};
            std::vector<float> outputs(3);
            engine.run(image.data(), 1, outputs.data());
            EXPECT_TRUE(std::isnan(outputs[0])) << passing.op << " " << set << " " << outputs[0];
            for (std::size_t i : {1, 2}) {
                const float expected = i == 1 ? passing.ofInfinity : passing.ofMinusInfinity;
                if (std::isnan(expected)) {
                    EXPECT_TRUE(std::isnan(outputs[i])) << passing.op << " " << outputs[i];
                } else if (std::isinf(expected)) {
                    EXPECT_EQ(outputs[i], expected) << passing.op << " " << set;
                } else {
                    EXPECT_NEAR(outputs[i], expected, 1e-6) << passing.op << " " << set;
                }
            }
        }
    }
}

TEST(FloatEngine, PoolingAndReductionsPassNaNOnFromAnyPlace) {
    const auto with = [](Node made, const std::string& name,
                         const std::vector<std::int64_t>& value) {
        made.attributes[name] = value;
        return made;
    };
    Node twoByTwo = with(node("out", "MaxPool", {"x"}), "kernel_shape", {2, 2});
    const std::vector<Node> nodes = {
        with(twoByTwo, "strides", {2, 2}),
        with(node("out", "MaxPool", {"x"}), "kernel_shape", {1, 4}),
        with(node("out", "AveragePool", {"x"}), "kernel_shape", {2, 2}),
        node("out", "GlobalMaxPool", {"x"}),
        node("out", "GlobalAveragePool", {"x"}),
        with(node("out", "ReduceMax", {"x"}), "axes", {1, 2, 3}),
        with(node("out", "ReduceMin", {"x"}), "axes", {1, 2, 3}),
        with(node("out", "ReduceMean", {"x"}), "axes", {1, 2, 3}),
        node("out", "Softmax", {"x"}),
        node("out", "LogSoftmax", {"x"})};
    for (const Node& one : nodes) {
        for (const std::string& set : availableInstructionSets()) {
            FloatEngine engine(networkOf({-1, 1, 2, 4}, {one}), set);
            for (std::size_t at = 0; at < 8; ++at) {
                std::vector<float> image = {1, 2, 3, 4, 5, 6, 7, 8};
                image[at] = kNan;
                std::vector<float> outputs(engine.outputs());
                engine.run(image.data(), 1, outputs.data());
                EXPECT_TRUE(std::any_of(outputs.begin(), outputs.end(),
                                        [](float x) { return std::isnan(x); }))
                    << one.op << " " << set << " at " << at;
            }
        }
    }
}

TEST(FinalSoftmax, ClassesAreRankedBeforeIt) {
    // Logits of 200 and 190: both probabilities saturate at 0 and 1 and those below tie.
    Network graph = networkOf(
        {-1, 4}, {node("logits", "Mul", {"x", "scale"}), node("out", "Softmax", {"logits"})});
    graph.parameters["scale"] = {{}, {100.0F}};
    const std::vector<float> image = {0.125F, 9.0F, 0.5F, 0.25F};
    std::vector<float> own(4);
    std::vector<float> scores(4);
    makeEngine(graph, {EngineOutputs::kOwn})->run(image.data(), 1, own.data());
    makeEngine(graph)->run(image.data(), 1, scores.data());
    EXPECT_THAT(own, testing::ElementsAre(0, 1, 0, 0));
    EXPECT_EQ(rankOf(own, 2), 2U);
    EXPECT_THAT(scores, testing::ElementsAre(12.5F, 900, 50, 25));
    EXPECT_EQ(rankOf(scores, 2), 1U);
}

TEST(FinalSoftmax, IsFoundBehindChangesOfShapeAndLeftWhereItIsNotOverTheWholeImage) {
    Node flatten = node("out", "Flatten", {"soft"});
    Node overChannels = node("soft", "LogSoftmax", {"x"});
    overChannels.attributes["axis"] = std::int64_t{1};
    // [1, 5, 1, 1]: the channels are all there is.
    const auto found = withoutFinalSoftmax(networkOf({-1, 5, 1, 1}, {overChannels, flatten}));
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->nodes.size(), 1U);
    EXPECT_EQ(found->nodes[0].op, "Flatten");
    EXPECT_EQ(found->nodes[0].inputs[0], "x");
    // Softmax over the channels of each pixel doesn't keep the order of all values.
    EXPECT_FALSE(withoutFinalSoftmax(networkOf({-1, 5, 2, 2}, {overChannels, flatten})));
    // Before opset 13 it is over all axes from the given one on.
    Network old = networkOf({-1, 5, 2, 2}, {overChannels, flatten});
    old.opset = 11;
    EXPECT_TRUE(withoutFinalSoftmax(old));
    // Somebody else reads the probabilities: they stay.
    Network shared =
        networkOf({-1, 4}, {node("soft", "Softmax", {"x"}), node("out", "Identity", {"soft"})});
    shared.outputs.push_back({"soft", {}});
    const auto kept = withoutFinalSoftmax(shared);
    ASSERT_TRUE(kept.has_value());
    EXPECT_EQ(kept->nodes.size(), 2U);
    EXPECT_EQ(kept->nodes[1].inputs[0], "x");
    EXPECT_FALSE(withoutFinalSoftmax(networkOf({-1, 4}, {node("out", "Relu", {"x"})})));
}

}  // namespace
}  // namespace brownout
