// Does a run that begins behind kept activations give what a whole run gives, bit by bit, whatever
// is patched?

#include "inference/engines/prefixes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <random>

#include "base/processor.h"
#include "inference/engines/float_engine.h"
#include "inference/onnx/onnx_import.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kImages = 37;

struct Case {
    const char* name;
    const char* format;
    StoreScope scope;
};

class PrefixesOf : public testing::TestWithParam<Case> {
 protected:
    static EncodedNetwork network() {
        const std::string name = GetParam().name;
        const fs::path file =
            name.rfind("fashion", 0) == 0
                ? fs::path(BROWNOUT_SOURCE_DIR) / "inference/zoo" / (name + ".onnx")
                : fs::path(BROWNOUT_INFERENCE_DATA) / (name + ".onnx");
        return EncodedNetwork(importOnnx(file), numberFormat(GetParam().format), GetParam().scope);
    }
};

std::vector<float> imagesFor(const Engine& engine) {
    std::mt19937 random(5);
    std::uniform_real_distribution<float> values(0.0F, 1.0F);
    std::vector<float> images(kImages * engine.imageElements());
    for (float& value : images) value = values(random);
    return images;
}

/// Keeps the activations of all images, in two pieces as two threads would.
void keepAll(Engine& engine, const std::vector<float>& images, Prefixes& prefixes) {
    std::vector<float> outputs(kImages * engine.outputs());
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < kImages; ++i) numbers.push_back(i);
    const std::size_t some = 18;
    engine.runKeeping(images.data(), {numbers.data(), some}, outputs.data(), prefixes);
    engine.runKeeping(images.data() + some * engine.imageElements(),
                      {numbers.data() + some, kImages - some}, outputs.data(), prefixes);
}

TEST_P(PrefixesOf, RunsBehindThemGiveTheBitsOfWholeRuns) {
    const EncodedNetwork network = this->network();
    std::mt19937 random(6);
    for (const std::string& set : availableInstructionSets()) {
        const auto engine = makeEngine(network, {EngineOutputs::kOwn, set});
        const auto other = makeEngine(network, {EngineOutputs::kOwn, set});
        const auto prefixes = engine->makePrefixes(kImages, std::size_t{1} << 24);
        ASSERT_NE(prefixes, nullptr);
        const std::vector<float> images = imagesFor(*engine);
        keepAll(*engine, images, *prefixes);
        std::size_t shorter = 0;
        for (int trial = 0; trial < 40; ++trial) {
            const auto& tensors = network.storedTensors();
            for (int i = 0; i < 1 + trial % 3; ++i) {
                const std::size_t t = random() % tensors.size();
                const std::size_t element = random() % tensors[t].codes.size();
                other->patch(t, element, static_cast<Code>(random()) & codeMask(tensors[t].bits));
                // The first engine has the same weights without faults: its activations serve both.
            }
            std::vector<std::size_t> numbers;
            for (std::size_t i = 0; i < 1 + random() % 20; ++i)
                numbers.push_back(random() % kImages);
            std::vector<float> chosen;
            for (const std::size_t number : numbers) {
                const auto first =
                    images.begin() + static_cast<std::ptrdiff_t>(number * other->imageElements());
                chosen.insert(chosen.end(), first,
                              first + static_cast<std::ptrdiff_t>(other->imageElements()));
            }
            std::vector<float> expected(numbers.size() * other->outputs());
            std::vector<float> got(expected.size(), -1.0F);
            const bool behind = other->runBehind(*prefixes, numbers, got.data());
            other->run(chosen.data(), numbers.size(), expected.data());
            if (behind) {
                ++shorter;
                ASSERT_EQ(std::memcmp(got.data(), expected.data(), 4 * got.size()), 0)
                    << set << " trial " << trial;
            }
            other->restore();
        }
        EXPECT_GT(shorter, 0U) << set;
    }
}

TEST_P(PrefixesOf, TakeNoMoreMemoryThanTheyMay) {
    const auto engine = makeEngine(network());
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{1000}, std::size_t{100'000}}) {
        const auto prefixes = engine->makePrefixes(kImages, bytes);
        if (prefixes != nullptr) {
            EXPECT_LE(prefixes->bytes(), bytes);
        }
    }
    EXPECT_EQ(engine->makePrefixes(kImages, 0), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Networks, PrefixesOf,
                         testing::Values(Case{"fashion-rquant", "rquant8", StoreScope::kWeights},
                                         Case{"fashion-rquant", "rquant8", StoreScope::kParameters},
                                         Case{"groupnorm", "rquant8", StoreScope::kParameters},
                                         Case{"groupnorm", "fp32", StoreScope::kParameters},
                                         Case{"mobile", "rquant8", StoreScope::kParameters},
                                         Case{"attention", "bf16", StoreScope::kParameters}),
                         [](const auto& instance) {
                             std::string name = std::string(instance.param.name) + "_" +
                                                instance.param.format + "_" +
                                                nameOf(instance.param.scope);
                             for (char& c : name) c = std::isalnum(c) != 0 ? c : '_';
                             return name;
                         });

TEST(Prefixes, AFaultInALateLayerLeavesTheEarlyOnesAlone) {
    const Network graph = importOnnx(BROWNOUT_SOURCE_DIR "/inference/zoo/fashion-rquant.onnx");
    const EncodedNetwork network(graph, numberFormat("rquant8"), StoreScope::kWeights);
    const auto engine = makeEngine(network);
    const auto prefixes = engine->makePrefixes(kImages, std::size_t{1} << 26);
    ASSERT_NE(prefixes, nullptr);
    const std::vector<float> images = imagesFor(*engine);
    keepAll(*engine, images, *prefixes);
    std::vector<float> outputs(engine->outputs());
    const std::vector<std::size_t> one = {3};
    engine->patch(network.storedTensors().size() - 1, 0, 0);
    EXPECT_TRUE(engine->runBehind(*prefixes, one, outputs.data()));
    engine->patch(0, 0, 0);  // the first layer: nothing may be kept
    EXPECT_FALSE(engine->runBehind(*prefixes, one, outputs.data()));
    engine->restore();
    EXPECT_TRUE(engine->runBehind(*prefixes, one, outputs.data()));
    EXPECT_GT(prefixes->cuts().back().share, 0.5);
}

}  // namespace
}  // namespace brownout
