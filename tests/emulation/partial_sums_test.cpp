#include "emulation/partial_sums.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "../inference/residual_network.h"
#include "base/error.h"
#include "emulation/faulty_values.h"
#include "inference/activations/stored_values.h"
#include "inference/layer_shapes.h"
#include "model/accelerator/account.h"

// Do partial sums come back from a memory, fold by fold, as its faults say?

namespace brownout {
namespace {

constexpr std::int64_t kChannels = 2, kFilters = 3, kGroups = 2, kSize = 5, kOut = 3, kClasses = 5;
constexpr float kAlpha = 0.75F;
constexpr std::int64_t kFeatures = kGroups * kFilters * kOut * kOut;

/// A convolution in groups with stride and padding, Relu, and a Gemm with a bias.
Network groupedNetwork(Random& random) {
    Network network;
    network.file = "grouped";
    network.opset = 13;
    network.inputs = {{"x", {1, kGroups * kChannels, kSize, kSize}}};
    network.outputs = {{"out", {}}};
    Node conv{"conv", "Conv", {"x", "w"}, {"c"}, {{"group", kGroups}}};
    conv.attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
    conv.attributes["strides"] = std::vector<std::int64_t>{2, 2};
    const auto size = [](std::int64_t a) { return static_cast<std::size_t>(a); };
    network.parameters["w"] = {{kGroups * kFilters, kChannels, 3, 3},
                               randomFloats(random, size(9 * kGroups * kFilters * kChannels))};
    network.parameters["m"] = {{kClasses, kFeatures},
                               randomFloats(random, size(kFeatures * kClasses))};
    network.parameters["bias"] = {{kClasses}, randomFloats(random, size(kClasses))};
    Node gemm{"fc", "Gemm", {"f", "m", "bias"}, {"out"}, {{"transB", std::int64_t{1}}}};
    gemm.attributes["alpha"] = kAlpha;
    network.nodes = {
        conv, {"relu", "Relu", {"c"}, {"r"}, {}}, {"flat", "Flatten", {"r"}, {"f"}, {}}, gemm};
    return network;
}

Accelerator arrayOf(std::uint32_t rows, std::uint32_t columns,
                    Dataflow dataflow = Dataflow::kWeightStationary) {
    Accelerator accelerator;
    accelerator.name = "test";
    accelerator.array.rows = rows;
    accelerator.array.columns = columns;
    accelerator.array.dataflow = dataflow;
    accelerator.array.fused = {"Relu"};
    accelerator.array.clock = {{1, 1e9}};
    AcceleratorMemory memory;
    memory.name = "accumulators";
    memory.holds = {DataKind::kAccumulators};
    memory.bytes = 4096;
    accelerator.memories = {memory};
    return accelerator;
}

/// Activations with 8-bit codes of steps that need no rounding in the oracle.
StoredActivations codesOf(const Network& network) {
    StoredActivations activations = activationsToStore(network, {"Relu"});
    for (StoredActivation& tensor : activations.tensors) {
        tensor.hasCodes = true;
        tensor.codes.scale = 1.0F / 64;
        tensor.codes.zero = 100;
    }
    return activations;
}

/// The network with its sums in a memory of 64-bit words.
struct Grouped {
    Random random{5};
    EncodedNetwork network;
    std::shared_ptr<const StoredValues> stored;
    std::shared_ptr<const ValuePlacement> placement;
    std::vector<float> image;

    Grouped(const std::string& format, const Accelerator& accelerator, std::uint64_t words)
        : network(groupedNetwork(random), numberFormat(format), StoreScope::kWeights),
          image(randomFloats(random, kGroups * kChannels * kSize * kSize)) {
        StoredValues values;
        values.activations = codesOf(network.graph());
        std::vector<std::string> others;
        values.sums = sumsToStore(accelerator, network, values.activations, others);
        EXPECT_TRUE(others.empty());
        stored = std::make_shared<const StoredValues>(values);
        placement = std::make_shared<const ValuePlacement>(values.sums, words, 64);
    }

    std::unique_ptr<Engine> engine() const {
        EngineSettings settings;
        settings.outputs = EngineOutputs::kOwn;
        settings.exact = true;
        settings.stored = stored;
        return makeEngine(network, settings);
    }
    ValuesUnderTest under(const std::string& protection = "none") const {
        return {placement, makeProtection(protection, 64, 32), DetectedPolicy::kZeroCode};
    }
    std::vector<float> weights(std::size_t tensor) const {
        const StoredTensor& of = network.storedTensors().at(tensor);
        std::vector<float> values(of.codes.size());
        of.format->decode(of.codes, values);
        return values;
    }
};

/// Computes the network in doubles; `damage(layer, filter, position, sum)` says what is read of a
/// sum after each fold, which is every `fold` summands.
template <typename Damage>
std::vector<double> oracle(const Grouped& grouped, std::int64_t fold, Damage damage) {
    const ActivationCodes& codes = grouped.stored->activations.tensors.at(0).codes;
    const auto quantized = [&](double value) {
        const double whole = std::nearbyint(value / codes.scale) + codes.zero;
        return (std::min(255.0, std::max(0.0, whole)) - codes.zero) * codes.scale;
    };
    std::vector<double> x(grouped.image.begin(), grouped.image.end());
    for (double& value : x) value = quantized(value);
    const auto add = [&](std::size_t layer, std::int64_t filter, std::int64_t position,
                         const std::vector<double>& summands) {
        double sum = 0;
        for (std::size_t k = 0; k < summands.size(); ++k) {
            sum += summands[k];
            const bool ends = (static_cast<std::int64_t>(k) + 1) % fold == 0;
            if (ends || k + 1 == summands.size()) sum = damage(layer, filter, position, sum);
        }
        return sum;
    };
    const std::vector<float> w = grouped.weights(0), m = grouped.weights(1);
    std::vector<double> features;
    for (std::int64_t filter = 0; filter < kGroups * kFilters; ++filter) {
        for (std::int64_t position = 0; position < kOut * kOut; ++position) {
            std::vector<double> summands;
            for (std::int64_t k = 0; k < kChannels * 9; ++k) {
                const std::int64_t row = position / kOut * 2 + k / 3 % 3 - 1;
                const std::int64_t column = position % kOut * 2 + k % 3 - 1;
                const bool inside = row >= 0 && column >= 0 && row < kSize && column < kSize;
                const std::int64_t channel = filter / kFilters * kChannels + k / 9;
                summands.push_back(
                    inside
                        ? double{w[static_cast<std::size_t>(filter * kChannels * 9 + k)]} *
                              x[static_cast<std::size_t>((channel * kSize + row) * kSize + column)]
                        : 0);
            }
            features.push_back(quantized(std::max(0.0, add(0, filter, position, summands))));
        }
    }
    std::vector<double> out;
    const auto& bias = grouped.network.graph().parameters.at("bias").values;
    for (std::int64_t filter = 0; filter < kClasses; ++filter) {
        std::vector<double> summands;
        for (std::int64_t k = 0; k < kFeatures; ++k) {
            summands.push_back(double{m[static_cast<std::size_t>(filter * kFeatures + k)]} *
                               features[static_cast<std::size_t>(k)]);
        }
        out.push_back(kAlpha * add(1, filter, 0, summands) +
                      bias[static_cast<std::size_t>(filter)]);
    }
    return out;
}

CodedOverlay flippingCell(std::uint32_t cell) {
    const FaultyCell fault{cell, 1, 1, 1};
    return CodedOverlay(std::make_shared<const FaultOverlay>(SramGeometry{1, 512, 64, 1},
                                                             Span<const FaultyCell>(&fault, 1)));
}

/// Returns the times that an image reads word `word` of a memory of `words` words, on an array of
/// `columns` columns that adds `fold` summands at a time.
std::uint64_t readsOf(std::int64_t word, std::int64_t words, std::int64_t fold,
                      std::int64_t columns) {
    std::int64_t reads = 0;
    const auto add = [&](std::int64_t filters, std::int64_t positions, std::int64_t depth) {
        for (std::int64_t first = 0; first < filters; first += columns) {
            const std::int64_t sums = positions * std::min(columns, filters - first);
            for (std::int64_t at = word; at < (sums + 1) / 2; at += words) {
                reads += (depth + fold - 1) / fold;
            }
        }
    };
    for (std::int64_t group = 0; group < kGroups; ++group) {
        add(kFilters, kOut * kOut, kChannels * 9);
    }
    add(kClasses, 1, kFeatures);
    return static_cast<std::uint64_t>(reads);
}

/// Returns the 32-bit slot of the memory that holds a sum on an array of `columns` columns: tiles
/// of as many filters begin at slot 0, position by position.
std::int64_t slotOf(std::size_t layer, std::int64_t filter, std::int64_t position,
                    std::int64_t columns) {
    const std::int64_t filters = layer == 0 ? kFilters : kClasses;
    const std::int64_t inGroup = filter % filters;
    const std::int64_t first = inGroup / columns * columns;
    const std::int64_t width = std::min(columns, filters - first);
    return position * width + inGroup - first;
}

class IntegerSums : public testing::TestWithParam<const char*> {};

TEST_P(IntegerSums, EachInvertedBitOfAMemoryDoesWhatIntegersSay) {
    // Symmetric codes: weights and activations are whole numbers of steps. 18 summands in folds of
    // 4, 54 in folds of 4; 3 filters and 5 in tiles of 2.
    constexpr std::int64_t kFold = 4, kColumns = 2, kWords = 6;
    const Grouped grouped(GetParam(), arrayOf(kFold, kColumns), kWords);
    ASSERT_EQ(grouped.stored->sums.products.size(), 2U);
    EXPECT_EQ(grouped.stored->sums.products[0].folds(), 5U);
    EXPECT_EQ(grouped.stored->sums.products[0].tiles(), 4U);
    EXPECT_EQ(grouped.stored->sums.products[1].folds(), 14U);
    const auto engine = grouped.engine();
    const ValuesUnderTest under = grouped.under();
    std::size_t changed = 0;
    for (std::uint32_t cell = 0; cell < kWords * 64; ++cell) {
        FaultyValues faulty(under, flippingCell(cell));
        engine->readValuesFrom({nullptr, &faulty});
        std::vector<float> out(engine->outputs());
        engine->run(grouped.image.data(), 1, out.data());
        engine->readValuesFrom({});
        bool used = false;
        const auto damage = [&](std::size_t layer, std::int64_t filter, std::int64_t position,
                                double sum) {
            if (slotOf(layer, filter, position, kColumns) % (2 * kWords) != cell / 32) return sum;
            used = true;
            const auto& format = *grouped.network.storedTensors()[layer].format;
            const std::int64_t depth = layer == 0 ? kChannels * 9 : kFeatures;
            const auto element = static_cast<std::size_t>(filter * depth);
            const double step = static_cast<double>(format.decode(1, element)) / 64;
            const auto whole = static_cast<std::uint32_t>(std::lround(sum / step));
            return static_cast<std::int32_t>(whole ^ (1U << cell % 32)) * step;
        };
        const std::vector<double> right = oracle(grouped, kFold, damage);
        for (std::size_t i = 0; i < out.size(); ++i) {
            ASSERT_NEAR(out[i], right[i], 1e-4 + 1e-6 * std::abs(right[i])) << "cell " << cell;
        }
        const std::uint64_t reads = readsOf(cell / 64, kWords, kFold, kColumns);
        EXPECT_EQ(faulty.counts(1).bitsWrong, reads) << "each read inverts it";
        EXPECT_EQ(faulty.counts(1).failingCells, reads);
        changed += used ? 1 : 0;
    }
    EXPECT_GT(changed, 300U);
}

INSTANTIATE_TEST_SUITE_P(PartialSums, IntegerSums, testing::Values("int8", "int8-channel"));

TEST(PartialSums, OfFloatsAreIeeeNumbers) {
    constexpr std::int64_t kFold = 7, kColumns = 4, kWords = 512;
    const Grouped grouped("bf16", arrayOf(kFold, kColumns), kWords);
    EXPECT_TRUE(grouped.stored->sums.products[0].isFloat());
    const auto engine = grouped.engine();
    const ValuesUnderTest under = grouped.under();
    for (std::uint32_t cell = 0; cell < 64 * 6; cell += 5) {
        if (cell % 32 == 30) continue;  // the highest bit of the exponent: huge
        FaultyValues faulty(under, flippingCell(cell));
        engine->readValuesFrom({nullptr, &faulty});
        std::vector<float> out(engine->outputs());
        engine->run(grouped.image.data(), 1, out.data());
        engine->readValuesFrom({});
        const auto damage = [&](std::size_t layer, std::int64_t filter, std::int64_t position,
                                double sum) {
            if (slotOf(layer, filter, position, kColumns) != cell / 32) return sum;
            auto single = static_cast<float>(sum);
            std::uint32_t bits = 0;
            std::memcpy(&bits, &single, 4);
            bits ^= 1U << cell % 32;
            std::memcpy(&single, &bits, 4);
            return static_cast<double>(single);
        };
        const std::vector<double> right = oracle(grouped, kFold, damage);
        for (std::size_t i = 0; i < out.size(); ++i) {
            ASSERT_NEAR(out[i], right[i], 1e-3 + 1e-4 * std::abs(right[i])) << "cell " << cell;
        }
    }
    Accelerator narrow = arrayOf(4, 4);
    narrow.accumulatorBits = 24;
    std::vector<std::string> others;
    EXPECT_THROW(sumsToStore(narrow, grouped.network, grouped.stored->activations, others), Error);
}

TEST(PartialSums, AreWrittenAsOftenAsTheAccountSays) {
    Random random(9);
    for (const Dataflow dataflow : allDataflows()) {
        for (const bool registers : {true, false}) {
            if (!registers && dataflow == Dataflow::kRowStationary) continue;
            Accelerator accelerator = arrayOf(7, 5, dataflow);
            accelerator.array.registers = registers;
            accelerator.array.elementRegisters = {12, 224, 24};
            const Grouped grouped("int8", accelerator, 512);
            const NetworkShape shapes = layerShapesOf(
                grouped.network.graph(), {numberFormat("int8"), grouped.network.scope()});
            const Account account = accountOf(accelerator, shapes);
            std::size_t product = 0;
            for (const LayerUse& layer : account.layers) {
                if (layer.macs == 0) continue;
                const StoredSum& sum = grouped.stored->sums.products.at(product++);
                EXPECT_EQ(sum.groups * sum.filters * sum.positions * sum.folds(),
                          layer.memories[0].writes)
                    << nameOf(dataflow) << " " << layer.name << " " << registers;
            }
            EXPECT_EQ(product, 2U);
        }
    }
}

TEST(PartialSums, EveryImageOfABatchReadsTheSameCellsAndSecdedCorrectsThem) {
    const Grouped grouped("rquant8", arrayOf(4, 2), 16);
    const auto engine = grouped.engine();
    constexpr std::size_t kImages = 20, kPixels = kGroups * kChannels * kSize * kSize;
    Random random(3);
    const std::vector<float> images = randomFloats(random, kImages * kPixels);
    std::vector<FaultyCell> cells;
    for (std::uint32_t cell = 5; cell < 1000; cell += 71) cells.push_back({cell, 1, 1, 0});
    const CodedOverlay faults(
        std::make_shared<const FaultOverlay>(SramGeometry{1, 512, 64, 1}, cells));
    std::vector<float> together(kImages * kClasses), alone(together.size()), clean(together.size());
    engine->run(images.data(), kImages, clean.data());
    const ValuesUnderTest under = grouped.under();
    FaultyValues faulty(under, faults), again(under, faults);
    engine->readValuesFrom({nullptr, &faulty});
    engine->run(images.data(), kImages, together.data());
    engine->readValuesFrom({nullptr, &again});
    for (std::size_t i = 0; i < kImages; ++i) {
        engine->run(images.data() + i * kPixels, 1, alone.data() + i * kClasses);
    }
    EXPECT_EQ(together, alone);
    EXPECT_NE(together, clean);
    EXPECT_EQ(faulty.counts(kImages).bitsWrong, again.counts(kImages).bitsWrong);
    // Sums written and read: 6 filters x 9 positions x 5 folds in tiles of 2 and 1, and 5 x 14.
    EXPECT_EQ(faulty.counts(kImages).bitsRead,
              kImages * 64U * (2 * (9 + 5) * 5 + (1 + 1 + 1) * 14U));
    for (std::uint32_t cell = 0; cell < 64 * 16; cell += 83) {
        FaultyValues corrected(grouped.under("secded"), flippingCell(cell));
        engine->readValuesFrom({nullptr, &corrected});
        engine->run(images.data(), kImages, together.data());
        EXPECT_EQ(together, clean) << cell;
    }
}

TEST(PartialSums, OfAsymmetricWeightsAreRoundedToSteps) {
    StoredSum sum;
    sum.steps = {0.5F, 0.25F};
    sum.bits = 6;
    EXPECT_EQ(sum.decode(sum.encode(3.2, 0), 0), 3.0);
    EXPECT_EQ(sum.decode(sum.encode(-3.3, 1), 1), -3.25);
    EXPECT_EQ(sum.decode(sum.encode(16.0, 0), 0), -16.0) << "the highest bits are lost";
    EXPECT_EQ(sum.encode(NAN, 0), 0U);
    sum.steps.clear();
    EXPECT_EQ(sum.decode(sum.encode(-3.3, 0), 0), static_cast<double>(-3.3F));
}

}  // namespace
}  // namespace brownout
