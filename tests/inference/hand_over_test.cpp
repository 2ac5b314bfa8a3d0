// Are blocks of large images, run one by one at first and then side by side, handed over where both
// agree, and have they the bits of those that are side by side from the beginning?

#include <gtest/gtest.h>

#include "base/processor.h"
#include "inference/engines/float_engine.h"
#include "inference/engines/lane_filling.h"
#include "inference/formats/encoded_network.h"
#include "inference/kernels/dispatch.h"
#include "tests/inference/chain.h"
#include "tests/sanitized.h"

namespace brownout {
namespace {

const Attributes kSame = {{"pads", Integers{1, 1, 1, 1}}};
const Attributes kHalved = {{"pads", Integers{1, 1, 1, 1}}, {"strides", Integers{2, 2}}};
/// Pooling that gives as many maxima as there are inputs.
const Attributes kMaxima = {{"kernel_shape", Integers{3, 3}}, {"pads", Integers{1, 1, 1, 1}}};
const Attributes kPool = {{"kernel_shape", Integers{3, 3}}, {"strides", Integers{2, 2}}};

/// Large images at first, with two values at once; then, of one value, convolutions of which the
/// last is best the last one by one: a block's is pooled in the same step, and an image's in the
/// next, so that both values in between have as many elements and aren't the same. Then layers of
/// many weights.
Network largeAtFirst(Random& random, std::int64_t side) {
    Chain chain(random, {3, side, side});
    chain.add("Conv", kSame, {chain.parameter({16, 3, 3, 3}), chain.parameter({16})});
    chain.add("Relu").add("Sigmoid").join("Add");
    chain.add("Conv", kSame, {chain.parameter({16, 16, 3, 3}), chain.parameter({16})});
    chain.add("Relu").add("MaxPool", kPool);
    chain.add("Conv", {}, {chain.parameter({24, 16, 1, 1}), chain.parameter({24})}).add("Relu");
    chain.add("Conv", kHalved, {chain.parameter({32, 24, 3, 3})});
    chain.add("Relu").add("MaxPool", kMaxima);
    chain.add("Conv", kSame, {chain.parameter({64, 32, 3, 3})}).add("Relu");
    chain.add("Conv", kSame, {chain.parameter({64, 64, 3, 3})}).add("GlobalAveragePool");
    chain.add("Flatten").add("Gemm", {}, {chain.parameter({64, 10}), chain.parameter({10})});
    return chain.network();
}

std::optional<HandOver> handOverOf(const Network& network, const kernels::Kernels& lanes,
                                   Summation summation) {
    const std::vector<Shape> shapes = singleImageShapes(network);
    return handOverBetween(makePlan(network, shapes, positionKernelsOf(lanes), summation),
                           makePlan(network, shapes, lanes, summation));
}

class HandOvers : public testing::TestWithParam<Summation> {
 protected:
    void SetUp() override {
        if (kernelsFor("").lanes < 16) {
            GTEST_SKIP() << "blocks are handed over with AVX-512 only, which this processor hasn't";
        }
    }
    Random random_{31};
    const Network network_ = largeAtFirst(random_, 128);
};

TEST_P(HandOvers, LieBetweenLargeActivationsAndManyWeights) {
    const kernels::Kernels& lanes = kernelsFor("");
    const Plan plan = makePlan(network_, singleImageShapes(network_), lanes, GetParam());
    const std::optional<HandOver> found = handOverOf(network_, lanes, GetParam());
    ASSERT_TRUE(found);
    // Behind the second convolution, where one value is left, before the last layer.
    EXPECT_GE(found->first, plan.costs[4].endStep);
    EXPECT_LT(found->first, plan.steps.size() - 1);
    EXPECT_EQ(found->from.elements, found->to.elements);
    EXPECT_FALSE(handOverOf(largeAtFirst(random_, 40), lanes, GetParam())) << "small images";
    EXPECT_FALSE(handOverOf(network_, kernelsFor("avx2"), GetParam())) << "eight lanes";
}

TEST_P(HandOvers, WaitWhereTwoValuesAreInUse) {
    Chain chain(random_, {3, 128, 128});
    chain.add("Conv", kSame, {chain.parameter({16, 3, 3, 3})}).add("Relu");
    chain.add("Conv", kSame, {chain.parameter({16, 16, 3, 3})}).join("Max");
    for (int pools = 0; pools < 3; ++pools) chain.add("MaxPool", kPool);
    chain.add("Conv", kSame, {chain.parameter({128, 16, 3, 3})});
    const Network network = chain.add("GlobalAveragePool").add("Flatten").network();
    const Plan plan = makePlan(network, singleImageShapes(network), kernelsFor(""), GetParam());
    const std::optional<HandOver> found = handOverOf(network, kernelsFor(""), GetParam());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->first, plan.costs[3].endStep) << "behind the maximum of both";
    FloatEngine handing(network, "", GetParam());
    FloatEngine lanes(network, kernelsFor(""), GetParam());
    const std::vector<float> images =
        randomFloats(random_, handing.lanes() * handing.imageElements());
    EXPECT_EQ(bitsOf(handing, images), bitsOf(lanes, images));
}

TEST_P(HandOvers, LeaveTheBitsAlone) {
    const EncodedNetwork encoded(network_, numberFormat("fp32"), StoreScope::kWeights);
    FloatEngine handing(encoded, "", GetParam());
    FloatEngine lanes(network_, kernelsFor(""), GetParam());
    const std::size_t most = handing.lanes() + 3;
    const std::vector<float> images = randomFloats(random_, most * handing.imageElements());
    const auto compare = [&](std::size_t count) {
        std::vector<float> expected(count * lanes.outputs());
        std::vector<float> found(expected.size());
        lanes.run(images.data(), count, expected.data());
        handing.run(images.data(), count, found.data());
        expectSameBits(found, expected, std::to_string(count) + " images");
    };
    compare(most);
    // A patch in the first layer and one in the last, and back.
    handing.patch(0, 7, 0x40400000);
    handing.patch(encoded.storedTensors().size() - 1, 3, 0x40400000);
    std::vector<float> one(handing.outputs());
    std::vector<float> block(handing.lanes() * handing.outputs());
    handing.run(images.data(), 1, one.data());
    handing.run(images.data(), handing.lanes(), block.data());
    block.resize(one.size());
    expectSameBits(block, one, "patched");
    handing.restore();
    compare(handing.lanes());
}

/// Layers of random kinds and sizes, with sums and joins of the last two values now and then.
Network randomLayers(Random& random) {
    std::int64_t channels = between(random, 1, 4);
    const std::int64_t side = between(random, 120, 150);
    Chain chain(random, {channels, side, between(random, 120, 150)});
    const auto convolve = [&](std::int64_t to, std::int64_t kernel, std::int64_t stride,
                              std::int64_t groups) {
        const Attributes attributes = {{"pads", Integers(4, kernel / 2)},
                                       {"strides", Integers{stride, stride}},
                                       {"group", groups}};
        chain.add(
            "Conv", attributes,
            {chain.parameter({to, channels / groups, kernel, kernel}), chain.parameter({to})});
        channels = to;
    };
    convolve(between(random, 12, 40), between(random, 0, 1) == 0 ? 3 : 7, 1, 1);
    for (int layers = between(random, 3, 9); layers > 0; --layers) {
        switch (between(random, 0, 8)) {
            case 0:
                convolve(between(random, 8, 40), 1, 1, 1);
                break;
            case 1:
                convolve(between(random, 8, 40), 3, 1, 1);
                break;
            case 2:
                convolve(between(random, 8, 60), 3, 2, 1);
                break;
            case 3:
                convolve(channels, 3, 1, channels);
                break;
            case 4:
                chain.add("MaxPool", kPool);
                break;
            case 5:
                chain.add("Relu").add("MaxPool", kPool);
                break;
            case 6:
                chain.add("Sigmoid").join("Add");
                break;
            case 7:
                chain.add("Relu").join("Concat", {{"axis", std::int64_t{1}}});
                channels *= 2;
                break;
            default:
                chain.add("Relu");
        }
    }
    convolve(between(random, 64, 200), 3, 2, 1);
    return chain.add("GlobalAveragePool").add("Flatten").network();
}

TEST_P(HandOvers, OfRandomNetworksLeaveTheBitsAlone) {
    const kernels::Kernels& kernels = kernelsFor("");
    int handedOver = 0;
    constexpr int kNetworks = test::kSanitized ? 2 : 4;
    for (int repeat = 0; repeat < kNetworks; ++repeat) {
        const Network network = randomLayers(random_);
        if (handOverOf(network, kernels, GetParam())) ++handedOver;
        FloatEngine handing(network, "", GetParam());
        FloatEngine lanes(network, kernels, GetParam());
        const std::vector<float> images =
            randomFloats(random_, handing.lanes() * handing.imageElements());
        ASSERT_EQ(bitsOf(handing, images), bitsOf(lanes, images)) << "network " << repeat;
    }
    EXPECT_GE(handedOver, kNetworks / 2);
}

INSTANTIATE_TEST_SUITE_P(Sums, HandOvers, testing::Values(Summation::kDirect, Summation::kFast),
                         [](const auto& instance) {
                             return instance.param == Summation::kDirect ? "direct" : "fast";
                         });

}  // namespace
}  // namespace brownout
