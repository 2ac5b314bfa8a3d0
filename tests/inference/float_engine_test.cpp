#include "inference/engines/float_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "base/atomic_file.h"
#include "base/error.h"
#include "inference/data/layout.h"
#include "inference/graph/batch_norm_folding.h"
#include "inference/inspect.h"
#include "inference/kernels/dispatch.h"
#include "inference/onnx/onnx_import.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kNetworks = {"groupnorm", "mobile", "mobile-folded", "attention"};

Network load(const std::string& name) {
    return importOnnx(fs::path(BROWNOUT_INFERENCE_DATA) / (name + ".onnx"));
}

/// The images that data/make_models.py makes.
std::vector<float> madeImages(std::size_t count, std::size_t elements) {
    std::vector<float> images;
    for (std::size_t n = 0; n < count; ++n) {
        for (std::size_t i = 0; i < elements; ++i) {
            images.push_back(static_cast<float>((7919 * i + 104729 * n) % 256) / 255.0F);
        }
    }
    return images;
}

struct Expected {
    Shape shape;
    std::vector<std::vector<float>> logits;
};

Expected expectedOf(const std::string& name) {
    std::istringstream file(
        readFile(fs::path(BROWNOUT_INFERENCE_DATA) / (name.substr(0, name.find('-')) + ".txt")));
    Expected expected;
    std::string line;
    std::getline(file, line);
    std::istringstream shape(line);
    for (std::int64_t size = 0; shape >> size;) {
        expected.shape.push_back(size);
    }
    while (std::getline(file, line)) {
        std::istringstream values(line);
        std::vector<float> row;
        for (float value = 0; values >> value;) {
            row.push_back(value);
        }
        expected.logits.push_back(row);
    }
    return expected;
}

std::vector<float> runAll(FloatEngine& engine, const std::vector<float>& images) {
    const std::size_t count = images.size() / engine.imageElements();
    std::vector<float> logits(count * engine.outputs());
    engine.run(images.data(), count, logits.data());
    return logits;
}

TEST(FloatEngine, GivesTheLogitsOfPyTorch) {
    for (const std::string& name : kNetworks) {
        const Expected expected = expectedOf(name);
        const Network graph = load(name);
        for (const std::string& set : availableInstructionSets()) {
            FloatEngine engine(graph, set);
            EXPECT_EQ(engine.imageShape(), expected.shape);
            const std::size_t count = expected.logits.size();
            const std::vector<float> logits =
                runAll(engine, madeImages(count, engine.imageElements()));
            for (std::size_t n = 0; n < count; ++n) {
                ASSERT_EQ(expected.logits[n].size(), engine.outputs());
                for (std::size_t c = 0; c < engine.outputs(); ++c) {
                    EXPECT_NEAR(logits[n * engine.outputs() + c], expected.logits[n][c], 1e-5)
                        << name << " on " << set << ", image " << n;
                }
            }
        }
    }
}

TEST(FloatEngine, GivesTheLogitsOfPyTorchForEachNetworkOfTheZoo) {
    const fs::path zoo = fs::path(BROWNOUT_SOURCE_DIR) / "inference" / "zoo";
    if (!fs::is_directory(zoo)) {
        GTEST_SKIP() << "there is no " << zoo;
    }
    std::map<std::string, std::vector<float>> expected;  // by "FINGERPRINT NAME" of the file
    std::istringstream file(readFile(fs::path(BROWNOUT_INFERENCE_DATA) / "zoo_logits.txt"));
    std::string line;
    std::string current;
    while (std::getline(file, line)) {
        if (line.find(".onnx") != std::string::npos) {
            current = line;
            continue;
        }
        std::istringstream values(line);
        for (float value = 0; values >> value;) {
            expected[current].push_back(value);
        }
    }
    // Networks for other images take these pixels, too, as many as an image of theirs has.
    constexpr std::size_t kImages = 20;
    const Dataset images = openDataset("fashion-mnist");
    std::vector<float> pixels(kImages * 784);
    images.read(0, kImages, pixels.data());
    std::size_t networks = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(zoo)) {
        if (entry.path().extension() != ".onnx") {
            continue;
        }
        const Network graph = importOnnx(entry.path());
        const std::string name = graph.fingerprint + " " + entry.path().filename().string();
        ASSERT_EQ(expected.count(name), 1U)
            << entry.path() << " has changed: run tests/inference/data/make_zoo_logits.py";
        const std::vector<float>& logits = expected[name];
        for (const std::string& set : availableInstructionSets()) {
            FloatEngine engine(graph, set);
            const std::size_t whole = pixels.size() / engine.imageElements();
            const std::vector<float> actual = runAll(
                engine, {pixels.begin(), pixels.begin() + static_cast<std::ptrdiff_t>(
                                                              whole * engine.imageElements())});
            ASSERT_EQ(actual.size(), logits.size());
            for (std::size_t i = 0; i < logits.size(); ++i) {
                EXPECT_NEAR(actual[i], logits[i], 1e-4) << entry.path() << " on " << set;
            }
        }
        ++networks;
    }
    EXPECT_EQ(networks, expected.size());
}

TEST(FloatEngine, FoldingBatchNormalizationLeavesTheLogitsAsTheyAre) {
    const std::string bytes = readFile(fs::path(BROWNOUT_INFERENCE_DATA) / "mobile.onnx");
    Network plain = importOnnxBytes(bytes, "mobile.onnx", GraphForm::kAsInFile);
    // Large enough to be seen, should somebody forget it.
    for (Node& node : plain.nodes) {
        if (node.op == "BatchNormalization") node.attributes["epsilon"] = 0.3F;
    }
    const Network folded = foldBatchNormalization(plain);
    auto normalizations = [](const Network& graph) {
        return std::count_if(graph.nodes.begin(), graph.nodes.end(),
                             [](const Node& node) { return node.op == "BatchNormalization"; });
    };
    EXPECT_EQ(normalizations(plain), 5);
    EXPECT_EQ(normalizations(folded), 1);  // the one behind an activation can't be folded
    FloatEngine a(plain);
    FloatEngine b(folded);
    const std::vector<float> images = madeImages(20, a.imageElements());
    const std::vector<float> x = runAll(a, images);
    const std::vector<float> y = runAll(b, images);
    for (std::size_t i = 0; i < x.size(); ++i) {
        EXPECT_NEAR(x[i], y[i], 1e-5);
    }
}

TEST(BatchNormFolding, LeavesAResultThatLeavesTheNetworkAsItIs) {
    Network network;
    network.file = "folding";
    network.opset = 13;
    network.inputs = {{"x", {-1, 1, 2, 2}}};
    network.parameters["w"] = {{1, 1, 1, 1}, {3}};
    for (const char* name : {"scale", "offset", "mean", "variance"}) {
        network.parameters[name] = {{1}, {2}};
    }
    network.nodes = {
        {"conv", "Conv", {"x", "w"}, {"c"}, {}},
        {"norm", "BatchNormalization", {"c", "scale", "offset", "mean", "variance"}, {"n"}, {}}};
    network.outputs = {{"n", {}}};
    EXPECT_EQ(foldBatchNormalization(network).nodes.size(), 1U);
    network.outputs.push_back({"c", {}});
    EXPECT_EQ(foldBatchNormalization(network).nodes.size(), 2U);
}

TEST(FloatEngine, AnImagesLogitsDoNotDependOnItsBatch) {
    for (const std::string& name : kNetworks) {
        for (const std::string& set : availableInstructionSets()) {
            FloatEngine engine(load(name), set);
            const std::size_t count = 45;
            const std::size_t elements = engine.imageElements();
            const std::vector<float> images = madeImages(count, elements);
            const std::vector<float> together = runAll(engine, images);
            for (std::size_t part : {1, 2, 7, 16, 44}) {
                std::vector<float> split(together.size());
                for (std::size_t first = 0; first < count; first += part) {
                    engine.run(images.data() + first * elements, std::min(part, count - first),
                               split.data() + first * engine.outputs());
                }
                EXPECT_EQ(split, together) << name << " on " << set << " in parts of " << part;
            }
        }
    }
}

TEST(FloatEngine, ThreadsGetTheSameBits) {
    const Network graph = load("mobile");
    FloatEngine engine(graph);
    const std::vector<float> images = madeImages(64, engine.imageElements());
    const std::vector<float> expected = runAll(engine, images);
    std::vector<std::vector<float>> results(4);
    std::vector<std::thread> threads;
    for (std::vector<float>& result : results) {
        threads.emplace_back([&] {
            FloatEngine own(graph);
            for (int round = 0; round < 3; ++round) {
                result = runAll(own, images);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_THAT(results, testing::Each(expected));
}

TEST(FloatEngine, QuantisedNetworkComputesWithTheDequantisedValues) {
    for (const std::string& name : kNetworks) {
        const EncodedNetwork network(load(name), numberFormat("rquant6"), StoreScope::kParameters);
        Network dequantized = network.graph();
        for (const StoredTensor& tensor : network.storedTensors()) {
            std::vector<float>& values = dequantized.parameters.at(tensor.name).values;
            for (std::size_t i = 0; i < values.size(); ++i) {
                values[i] = tensor.format->decode(tensor.codes[i], i);
            }
        }
        FloatEngine a(network);
        FloatEngine b(dequantized);
        const std::vector<float> images = madeImages(9, a.imageElements());
        EXPECT_EQ(runAll(a, images), runAll(b, images));
    }
}

/// Patches some elements of each tensor; the codes they get.
std::vector<std::vector<Code>> patchSome(FloatEngine& engine, const EncodedNetwork& network,
                                         unsigned seed) {
    std::vector<std::vector<Code>> codes;
    for (std::size_t t = 0; t < network.storedTensors().size(); ++t) {
        codes.push_back(network.storedTensors()[t].codes);
        for (std::size_t i = 0; i < codes[t].size(); ++i) {
            if ((i * 2654435761U + t * 40503U + seed) % 5 == 0 || i + 1 == codes[t].size()) {
                codes[t][i] ^= Code{1} << ((i + seed) % 8);
                engine.patch(t, i, codes[t][i]);
            }
        }
    }
    return codes;
}

TEST(FloatEngine, PatchedWeightsActAsIfTheyHadBeenPackedSoAndRestoreIsExact) {
    for (const std::string& name : kNetworks) {
        for (const std::string& set : availableInstructionSets()) {
            const EncodedNetwork network(load(name), numberFormat("rquant8"),
                                         StoreScope::kParameters);
            FloatEngine engine(network, set);
            const std::vector<float> images = madeImages(17, engine.imageElements());
            const std::vector<float> clean = runAll(engine, images);
            for (unsigned seed : {1U, 2U}) {
                const auto codes = patchSome(engine, network, seed);
                Network damaged = network.graph();
                for (std::size_t t = 0; t < codes.size(); ++t) {
                    const StoredTensor& tensor = network.storedTensors()[t];
                    std::vector<float>& values = damaged.parameters.at(tensor.name).values;
                    for (std::size_t i = 0; i < values.size(); ++i) {
                        values[i] = tensor.format->decode(codes[t][i], i);
                    }
                }
                FloatEngine oracle(damaged, set);
                const std::vector<float> patched = runAll(engine, images);
                EXPECT_EQ(patched, runAll(oracle, images)) << name << " on " << set;
                EXPECT_NE(patched, clean);
                EXPECT_GT(engine.patchedPlaces(), 0U);
                engine.restore();
                EXPECT_EQ(engine.patchedPlaces(), 0U);
                EXPECT_EQ(runAll(engine, images), clean) << name << " on " << set;
            }
        }
    }
}

TEST(FloatEngine, AnElementPatchedTwiceIsRestoredToItsFirstValue) {
    const EncodedNetwork network(load("groupnorm"), numberFormat("normal8"), StoreScope::kWeights);
    FloatEngine engine(network);
    const std::vector<float> images = madeImages(4, engine.imageElements());
    const std::vector<float> clean = runAll(engine, images);
    engine.patch(0, 3, 0x7f);
    const std::vector<float> once = runAll(engine, images);
    engine.patch(0, 3, 0x80);
    engine.patch(0, 3, 0x7f);
    EXPECT_EQ(runAll(engine, images), once);
    engine.restore();
    EXPECT_EQ(runAll(engine, images), clean);
    engine.restore();
    EXPECT_EQ(runAll(engine, images), clean);
}

Node node(const std::string& name, const std::string& op, std::vector<std::string> inputs) {
    Node made;
    made.name = name;
    made.op = op;
    made.inputs = std::move(inputs);
    made.outputs = {name};
    return made;
}

TEST(FloatEngine, PatchesReachEveryUseOfASharedTensor) {
    Network graph;
    graph.file = "shared";
    graph.opset = 13;
    graph.inputs = {{"x", {-1, 3}}};
    graph.outputs = {{"out", {}}};
    graph.parameters["w"] = {{3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}};
    Node transposed = node("g2", "Gemm", {"g1", "w"});
    transposed.attributes["transB"] = std::int64_t{1};
    graph.nodes = {node("g1", "MatMul", {"x", "w"}), transposed, node("sum", "Mul", {"g2", "row"}),
                   node("out", "Add", {"sum", "g1"})};
    graph.nodes.insert(graph.nodes.begin(), node("row", "ReduceSum", {"w"}));
    const EncodedNetwork network(graph, numberFormat("rquant8"), StoreScope::kParameters);
    ASSERT_EQ(network.storedTensors().size(), 1U);
    FloatEngine engine(network);
    const std::vector<float> images = {1, 0, 0, 0.5F, 1, 2};
    const std::vector<float> clean = runAll(engine, images);
    engine.patch(0, 1, 255);
    Network damaged = graph;
    for (std::size_t i = 0; i < 9; ++i) {
        const StoredTensor& tensor = network.storedTensors()[0];
        damaged.parameters["w"].values[i] =
            tensor.format->decode(i == 1 ? Code{255} : tensor.codes[i], i);
    }
    FloatEngine oracle(damaged);
    EXPECT_EQ(runAll(engine, images), runAll(oracle, images));
    EXPECT_EQ(engine.patchedPlaces(), 3U);
    engine.restore();
    EXPECT_EQ(runAll(engine, images), clean);
}

TEST(FloatEngine, RefusesPatchesOfWhatIsNotStored) {
    const EncodedNetwork network(load("groupnorm"), numberFormat("normal8"), StoreScope::kWeights);
    FloatEngine engine(network);
    EXPECT_THROW(engine.patch(99, 0, 0), Error);
    EXPECT_THROW(engine.patch(0, 1U << 20, 0), Error);
    FloatEngine plain(load("groupnorm"));
    EXPECT_THROW(plain.patch(0, 0, 0), Error);
}

TEST(EncodedNetwork, StoresWeightsOrAllParametersInTheOrderOfTheNetwork) {
    const auto format = numberFormat("rquant8");
    const EncodedNetwork weights(load("groupnorm"), format, StoreScope::kWeights);
    std::vector<std::string> names;
    for (const StoredTensor& tensor : weights.storedTensors()) {
        names.push_back(tensor.name);
        EXPECT_EQ(tensor.role, TensorRole::kWeight);
        EXPECT_EQ(tensor.codes.size(), elementCount(tensor.shape));
    }
    EXPECT_THAT(names, testing::ElementsAre("conv1.weight", "conv2.weight", "linear.weight"));
    EXPECT_EQ(weights.bitCount(), 8U * (72 + 864 + 1080));
    const EncodedNetwork all(load("groupnorm"), format, StoreScope::kParameters);
    EXPECT_EQ(all.storedTensors().size(), 9U);
    EXPECT_EQ(all.codeCount(), 72U + 864 + 1080 + 12 + 10 + 2 * 8 + 2 * 12);
    EXPECT_EQ(all.storedTensors()[0].role, TensorRole::kWeight);
    EXPECT_EQ(all.storedTensors()[1].role, TensorRole::kNormalization);
    EXPECT_EQ(all.storedTensors().back().role, TensorRole::kBias);
    EXPECT_NE(all.fingerprint(), weights.fingerprint());
}

TEST(EncodedNetwork, SharesOneRangeOverTheNetworkIfAsked) {
    const EncodedNetwork network(load("mobile"), numberFormat("normal8-network"),
                                 StoreScope::kParameters);
    float largest = 0.0F;
    for (const auto& [name, tensor] : network.graph().parameters) {
        for (float value : tensor.values) {
            largest = std::max(largest, std::fabs(value));
        }
    }
    for (const StoredTensor& tensor : network.storedTensors()) {
        EXPECT_FLOAT_EQ(tensor.format->decode(0x7f, 0), largest);
        EXPECT_FLOAT_EQ(tensor.format->decode(0x81, 0), -largest);
    }
}

TEST(Dispatch, RefusesAnUnknownInstructionSet) {
    EXPECT_THROW(kernelsFor("avx1024"), Error);
    setenv("BROWNOUT_ISA", "neon", 1);
    EXPECT_THROW(activeInstructionSet(), Error);
    setenv("BROWNOUT_ISA", "baseline", 1);
    EXPECT_EQ(activeInstructionSet(), "baseline");
    unsetenv("BROWNOUT_ISA");
}

TEST(FloatEngine, NamesNodeAndOperatorOfWhatDoesNotFit) {
    Network graph = load("groupnorm");
    graph.parameters["conv2.weight"].shape = {12, 7, 3, 3};
    graph.parameters["conv2.weight"].values.resize(12 * 7 * 9);
    try {
        FloatEngine engine(graph);
        FAIL() << "should have been refused";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("groupnorm.onnx: node '"));
        EXPECT_THAT(error.what(), testing::HasSubstr("(Conv): weights [12, 7, 3, 3] don't fit"));
    }
}

TEST(Inspect, CountsParametersAndMultiplyAccumulates) {
    const EncodedNetwork network(load("groupnorm"), numberFormat("rquant4"), StoreScope::kWeights);
    const NetworkInfo info = inspect(network);
    EXPECT_EQ(info.imageShape, (Shape{1, 12, 12}));
    EXPECT_EQ(info.classes, 10U);
    EXPECT_EQ(info.parameters, 72U + 864 + 1080 + 12 + 10 + 2 * 8 + 2 * 12);
    // 9 * 8 * 144 + 9 * 8 * 12 * 9 + 108 * 10
    EXPECT_EQ(info.macs, 10368U + 7776 + 1080);
    EXPECT_EQ(info.storedCodes, 72U + 864 + 1080);
    EXPECT_EQ(info.storedBits, 4 * info.storedCodes);
    EXPECT_EQ(info.layers.front().op, "Conv");
    EXPECT_EQ(info.layers.front().outputShape, (Shape{8, 12, 12}));
}

}  // namespace
}  // namespace brownout
