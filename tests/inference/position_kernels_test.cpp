// Do kernels for one image at a time, whose positions fill the vectors, give the bits of those that
// have an image in each lane: operator by operator on random shapes, with numbers that aren't any,
// and network by network however many images there are?

#include <gtest/gtest.h>

#include <cmath>

#include "base/processor.h"
#include "inference/engines/float_engine.h"
#include "inference/engines/lane_filling.h"
#include "inference/formats/encoded_network.h"
#include "inference/kernels/dispatch.h"
#include "tests/inference/chain.h"

namespace brownout {
namespace {

/// Images some of whose numbers are infinite, not any, or zeros of either sign.
std::vector<float> oddImages(Random& random, std::size_t floats) {
    std::vector<float> images = randomFloats(random, floats);
    const float odd[] = {INFINITY, -INFINITY, NAN, 0.0F, -0.0F};
    for (float& value : images) {
        if (between(random, 0, 40) == 0) value = odd[between(random, 0, 4)];
    }
    return images;
}

void expectBitsOfLanes(Random& random, const Network& network, Summation summation,
                       const std::string& where) {
    constexpr std::size_t kImages = 3;
    for (const std::string& set : availableInstructionSets()) {
        FloatEngine lanes(network, kernelsFor(set), summation);
        FloatEngine positions(network, positionKernelsOf(kernelsFor(set)), summation);
        const std::vector<float> images = oddImages(random, kImages * lanes.imageElements());
        std::vector<float> expected(kImages * lanes.outputs());
        std::vector<float> found(expected.size());
        lanes.run(images.data(), kImages, expected.data());
        positions.run(images.data(), kImages, found.data());
        expectSameBits(found, expected, where + ", " + set);
        if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(PositionKernels, ConvolutionsHaveTheBitsOfLanes) {
    Random random(21);
    for (int repeat = 0; repeat < 150; ++repeat) {
        const std::int64_t groups = repeat % 3 == 0 ? between(random, 1, 6) : 1;
        const std::int64_t channels = groups * between(random, 1, 6);
        const std::int64_t filters = groups * between(random, 1, 21);
        const std::int64_t side = repeat % 4 == 0 ? 1 : between(random, 1, 3);
        const auto twice = [&](std::int64_t low, std::int64_t high) {
            return Integers{between(random, low, high), between(random, low, high)};
        };
        const bool plain = repeat % 2 == 0;
        Attributes attributes;
        attributes["group"] = groups;
        attributes["strides"] = plain ? Integers{1, 1} : twice(1, 3);
        attributes["dilations"] = plain ? Integers{1, 1} : twice(1, 2);
        attributes["pads"] = Integers{between(random, 0, 2), between(random, 0, 2),
                                      between(random, 0, 2), between(random, 0, 2)};
        Chain chain(random, {channels, between(random, 5, 40), between(random, 5, 40)});
        chain.add("Conv", attributes,
                  {chain.parameter({filters, channels / groups, side, side}),
                   chain.parameter({filters})});
        chain.add("Relu");
        expectBitsOfLanes(random, chain.network(),
                          repeat % 5 == 0 ? Summation::kDirect : Summation::kFast,
                          "repeat " + std::to_string(repeat));
        if (HasFatalFailure()) return;
    }
}

TEST(PositionKernels, WinogradWithAShortCutHasTheBitsOfLanes) {
    Random random(22);
    for (const std::int64_t size : {3, 4, 8, 13, 14, 27, 33, 56}) {
        const Network network = residualNetwork(random, between(random, 3, 20), size);
        expectBitsOfLanes(random, network, Summation::kFast, "size " + std::to_string(size));
        if (HasFatalFailure()) return;
    }
}

TEST(PositionKernels, PoolingHasTheBitsOfLanes) {
    Random random(23);
    for (int repeat = 0; repeat < 200; ++repeat) {
        Attributes attributes;
        const std::int64_t kernel = between(random, 1, 4);
        const std::int64_t stride = between(random, 1, 3);
        attributes["kernel_shape"] =
            Integers{kernel, repeat % 7 == 0 ? std::max<std::int64_t>(1, kernel - 1) : kernel};
        attributes["strides"] = Integers{stride, stride};
        const std::int64_t pad =
            repeat % 2 == 0 ? 0 : between(random, 0, static_cast<std::int32_t>(kernel) - 1) / 2;
        attributes["pads"] = Integers{pad, pad, pad, pad};
        attributes["ceil_mode"] = std::int64_t{repeat % 3 == 0};
        const bool average = repeat % 4 == 1;
        if (average) attributes["count_include_pad"] = std::int64_t{repeat % 8 == 1};
        Chain chain(random,
                    {between(random, 1, 5), between(random, 5, 20), between(random, 5, 70)});
        chain.add(average ? "AveragePool" : "MaxPool", attributes);
        expectBitsOfLanes(random, chain.network(), Summation::kDirect,
                          "repeat " + std::to_string(repeat));
        if (HasFatalFailure()) return;
    }
    for (const std::int64_t channels : {1, 5, 16, 37}) {
        for (const char* op : {"GlobalAveragePool", "GlobalMaxPool"}) {
            Chain chain(random, {channels, 7, 9});
            chain.add(op);
            expectBitsOfLanes(random, chain.network(), Summation::kDirect, op);
            if (HasFatalFailure()) return;
        }
    }
    Chain chain(random, {2, 9, 1500});  // a row longer than the kernel keeps
    chain.add("MaxPool", {{"kernel_shape", Integers{3, 3}}, {"strides", Integers{2, 2}}});
    expectBitsOfLanes(random, chain.network(), Summation::kDirect, "long rows");
}

TEST(PositionKernels, NormalisationAndReductionsHaveTheBitsOfLanes) {
    Random random(24);
    for (const std::int64_t side : {1, 2, 3, 4, 7, 16}) {
        const std::int64_t channels = 6;
        const auto vector = [&](Chain& chain) { return chain.parameter({channels}); };
        const std::string where = "side " + std::to_string(side);
        Chain instance(random, {channels, side, side + 1});
        instance.add("InstanceNormalization", {}, {vector(instance), vector(instance)});
        expectBitsOfLanes(random, instance.network(), Summation::kDirect, "instance, " + where);
        Chain batch(random, {channels, side, side + 1});
        FloatTensor variance = vector(batch);
        for (float& value : variance.values) value = std::fabs(value) + 0.1F;
        batch.add("BatchNormalization", {},
                  {vector(batch), vector(batch), vector(batch), variance});
        expectBitsOfLanes(random, batch.network(), Summation::kDirect, "batch, " + where);
        for (const char* op : {"ReduceMean", "ReduceMax", "ReduceMin", "ReduceSumSquare",
                               "ReduceL2", "ReduceProd", "ReduceL1"}) {
            for (const Integers& axes :
                 {Integers{1}, Integers{2, 3}, Integers{3}, Integers{1, 3}, Integers{1, 2, 3}}) {
                Chain chain(random, {channels, side, side + 1});
                chain.add(op, {{"axes", axes}});
                expectBitsOfLanes(random, chain.network(), Summation::kDirect, op + (", " + where));
                if (HasFatalFailure()) return;
            }
        }
        Chain softmax(random, {channels, side, side + 1});
        softmax.add("Softmax", {{"axis", std::int64_t{1}}})
            .add("LogSoftmax", {{"axis", std::int64_t{-1}}});
        expectBitsOfLanes(random, softmax.network(), Summation::kDirect, "softmax, " + where);
        if (HasFatalFailure()) return;
    }
}

TEST(PositionKernels, FunctionsOfOneAndTwoValuesHaveTheBitsOfLanes) {
    Random random(25);
    for (const char* op :
         {"Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Exp", "Sqrt", "Abs",
          "Neg", "Reciprocal", "Erf", "Elu", "Softplus", "Floor", "Round", "Sign", "Gelu"}) {
        Chain chain(random, {3, 5, 7});
        chain.add(op);
        expectBitsOfLanes(random, chain.network(), Summation::kDirect, op);
        if (HasFatalFailure()) return;
    }
    const std::vector<Shape> shapes = {{},        {1},       {7},          {5, 1},   {5, 7},
                                       {3, 1, 1}, {3, 5, 7}, {1, 3, 5, 7}, {3, 5, 1}};
    for (const char* op : {"Add", "Sub", "Mul", "Div", "Max", "Min", "PRelu"}) {
        for (const Shape& shape : shapes) {
            Chain chain(random, {3, 5, 7});
            chain.add(op, {}, {chain.parameter(shape)});
            expectBitsOfLanes(random, chain.network(), Summation::kDirect, op + toString(shape));
            if (HasFatalFailure()) return;
        }
        Chain both(random, {3, 5, 7});
        both.add("Sigmoid").join(op);
        expectBitsOfLanes(random, both.network(), Summation::kDirect, op);
        if (HasFatalFailure()) return;
    }
}

TEST(PositionKernels, MovesAndProductsHaveTheBitsOfLanes) {
    Random random(26);
    for (const std::int64_t size : {1, 5, 16, 33}) {
        Chain gemm(random, {4, 3, 5});
        gemm.add("Flatten").add("Gemm", {{"alpha", 0.7F}},
                                {gemm.parameter({60, size}), gemm.parameter({size})});
        expectBitsOfLanes(random, gemm.network(), Summation::kDirect, "Gemm");
        Chain product(random, {4, size, 7});
        product.add("MatMul", {}, {product.parameter({7, size})})
            .add("Transpose", {{"perm", Integers{0, 1, 3, 2}}});
        product.join("MatMul");
        expectBitsOfLanes(random, product.network(), Summation::kDirect, "MatMul");
        Chain moves(random, {4, size, 7});
        moves.add("Relu").join("Concat", {{"axis", std::int64_t{1}}});
        moves.add("Transpose", {{"perm", Integers{0, 3, 1, 2}}})
            .add("ConvTranspose", {}, {moves.parameter({7, 2, 2, 2})});
        expectBitsOfLanes(random, moves.network(), Summation::kDirect, "moves");
        if (HasFatalFailure()) return;
    }
}

TEST(PositionKernels, AnEngineGivesTheSameBitsHoweverManyImagesThereAre) {
    Random random(27);
    const Network network = residualNetwork(random, 8, 33);
    for (const Summation summation : {Summation::kDirect, Summation::kFast}) {
        FloatEngine both(network, "", summation);
        FloatEngine lanes(network, kernelsFor(both.instructionSet()), summation);
        const std::size_t most = 2 * lanes.lanes() + 1;
        const std::vector<float> images = randomFloats(random, most * lanes.imageElements());
        for (std::size_t count = 1; count <= most; ++count) {
            std::vector<float> expected(count * lanes.outputs());
            std::vector<float> found(expected.size());
            lanes.run(images.data(), count, expected.data());
            both.run(images.data(), count, found.data());
            expectSameBits(found, expected, std::to_string(count) + " images");
            if (HasFatalFailure()) return;
        }
    }
}

TEST(PositionKernels, AreTakenWhereTheyFillTheLanesAndImagesDoNot) {
    Random random(29);
    const kernels::Kernels& lanes = kernelsFor("");
    const auto most = [&](const Network& network, const kernels::Kernels& kernels) {
        return mostOneByOne(
            makePlan(network, singleImageShapes(network), kernels, Summation::kFast));
    };
    const auto all = static_cast<std::size_t>(lanes.lanes);
    const Network middling = residualNetwork(random, 8, 32);
    EXPECT_GE(most(middling, lanes), all / 2);
    EXPECT_LT(most(middling, lanes), all) << "a full block is run side by side";
    EXPECT_EQ(most(residualNetwork(random, 16, 224), lanes), all - 1) << "large";
    EXPECT_EQ(most(middling, positionKernelsOf(lanes)), 0U) << "one lane is one by one already";
    Chain vector(random, {64});
    vector.add("Gemm", {}, {vector.parameter({64, 64})});
    EXPECT_LE(most(vector.network(), lanes), 1U) << "a single position fills no lanes";
}

TEST(PositionKernels, SeePatchesAndTheirEnd) {
    Random random(28);
    const Network network = residualNetwork(random, 8, 20);
    const EncodedNetwork encoded(network, numberFormat("fp32"), StoreScope::kWeights);
    for (const Summation summation : {Summation::kDirect, Summation::kFast}) {
        FloatEngine engine(encoded, "", summation);
        const std::size_t lanes = engine.lanes();
        const std::vector<float> images = randomFloats(random, lanes * engine.imageElements());
        const auto outputsOf = [&](std::size_t count) {
            std::vector<float> outputs(count * engine.outputs());
            engine.run(images.data(), count, outputs.data());
            outputs.resize(engine.outputs());  // those of the first image
            return outputs;
        };
        const std::vector<float> clean = outputsOf(1);
        expectSameBits(clean, outputsOf(lanes), "clean");
        engine.patch(0, 5, 0x40400000);  // 3
        const std::vector<float> patched = outputsOf(1);
        EXPECT_NE(patched, clean);
        expectSameBits(patched, outputsOf(lanes), "patched");
        engine.restore();
        expectSameBits(outputsOf(1), clean, "restored");
    }
}

}  // namespace
}  // namespace brownout
