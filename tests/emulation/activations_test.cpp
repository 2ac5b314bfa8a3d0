#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "../inference/residual_network.h"
#include "base/error.h"
#include "emulation/faulty_values.h"
#include "inference/activations/calibration.h"
#include "inference/activations/stored_values.h"

// Do activations come back from a memory as its faults say?

namespace brownout {
namespace {

constexpr std::int64_t kChannels = 2, kSize = 5;
constexpr std::size_t kElements = kChannels * kSize * kSize;

/// Images of random numbers for the network below, which knows no classes.
Dataset randomImages(Random& random, std::size_t count) {
    Dataset::Content content;
    content.name = content.place = "random images";
    content.shape = {kChannels, kSize, kSize};
    content.floats = randomFloats(random, count * kElements);
    content.labels.assign(count, 0);
    return Dataset(std::move(content));
}

/// The residual network, computed as simply as can be: every stored tensor is quantised when it is
/// written, and `damage(tensor, values)` says what is read.
template <typename Damage>
std::vector<double> oracle(const Network& network, const StoredActivations& stored,
                           const std::vector<float>& image, Damage damage) {
    std::size_t number = 0;
    const auto store = [&](std::vector<double> values) {
        const ActivationCodes& codes = stored.tensors.at(number).codes;
        for (double& value : values) {
            const double steps = std::nearbyint(value / codes.scale);
            value = std::min<double>(std::max<double>(steps, codes.low - codes.zero),
                                     codes.high - codes.zero) *
                    codes.scale;
        }
        damage(number++, values);
        return values;
    };
    const auto convolve = [&](const std::vector<double>& x, const std::string& weights) {
        const std::vector<float>& w = network.parameters.at(weights).values;
        std::vector<double> y(kElements, 0);
        for (std::int64_t f = 0; f < kChannels; ++f) {
            for (std::int64_t r = 0; r < kSize; ++r) {
                for (std::int64_t c = 0; c < kSize; ++c) {
                    double& sum = y[static_cast<std::size_t>((f * kSize + r) * kSize + c)];
                    for (std::int64_t k = 0; k < kChannels * 9; ++k) {
                        const std::int64_t row = r + k / 3 % 3 - 1, column = c + k % 3 - 1;
                        if (row < 0 || column < 0 || row >= kSize || column >= kSize) continue;
                        sum += static_cast<double>(
                                   w[static_cast<std::size_t>(f * kChannels * 9 + k)]) *
                               x[static_cast<std::size_t>((k / 9 * kSize + row) * kSize + column)];
                    }
                }
            }
        }
        return y;
    };
    const auto relu = [](std::vector<double> x) {
        for (double& value : x) value = std::max(0.0, value);
        return x;
    };
    const auto x = store({image.begin(), image.end()});
    const auto ra = store(relu(convolve(x, "w_a")));
    auto b = store(convolve(ra, "w_b"));
    for (std::size_t i = 0; i < b.size(); ++i) b[i] += ra[i];
    return relu(store(b));
}

/// The network above with its activations in a memory.
struct Residual {
    Random random{7};
    Network network = residualNetwork(random, kChannels, kSize);
    Dataset images = randomImages(random, 20);
    std::shared_ptr<const StoredActivations> stored;

    explicit Residual(std::uint32_t bits = 8) {
        Calibration calibration;
        calibration.images = 20;
        calibration.bits = bits;
        network.inputs[0].shape[0] = 1;
        stored = std::make_shared<const StoredActivations>(
            calibrated(activationsToStore(network, {"Relu"}), network, images, calibration));
    }

    std::unique_ptr<Engine> engine() const {
        EngineSettings settings;
        settings.outputs = EngineOutputs::kOwn;
        settings.exact = true;
        settings.stored = std::make_shared<const StoredValues>(StoredValues{*stored, {}});
        return makeEngine(network, settings);
    }

    std::vector<float> image(std::size_t i) const {
        std::vector<float> values(kElements);
        images.read(i, 1, values.data());
        return values;
    }

    ValuesUnderTest under(const std::string& protection = "none", std::uint64_t words = 512) const {
        return {std::make_shared<const ValuePlacement>(*stored, words, 64),
                makeProtection(protection, 64, stored->tensors[0].codes.bits),
                DetectedPolicy::kZeroCode};
    }
};

CodedOverlay flippingCell(std::uint32_t cell) {
    const FaultyCell fault{cell, 1, 1, 1};
    return CodedOverlay(std::make_shared<const FaultOverlay>(SramGeometry{1, 512, 64, 1},
                                                             Span<const FaultyCell>(&fault, 1)));
}

TEST(StoredActivations, AreTheImagesAndWhatLayersWriteButNotWhatIsAppliedOnItsWayOut) {
    const Residual residual;
    std::vector<std::string> values;
    for (const StoredActivation& tensor : residual.stored->tensors) values.push_back(tensor.value);
    EXPECT_EQ(values, (std::vector<std::string>{"x", "ra", "b", "sum"}));
    EXPECT_EQ(residual.stored->tensors[1].lastRead, 4U) << "the sum reads it, too";
    EXPECT_EQ(residual.stored->tensors[1].written, 1U)
        << "convolution and Relu are one: while they "
           "write, the image is still read";
    EXPECT_EQ(residual.stored->tensors[2].written, 3U);
    values.clear();
    for (const StoredActivation& tensor : activationsToStore(residual.network, {}).tensors) {
        values.push_back(tensor.value);
    }
    EXPECT_EQ(values, (std::vector<std::string>{"x", "a", "ra", "b", "sum"}));
}

TEST(StoredActivations, CodesAreThoseOfOnnx) {
    std::mt19937 random(3);
    for (const bool isSigned : {false, true}) {
        for (const std::uint32_t bits : {2U, 4U, 8U, 16U}) {
            ActivationCodes codes;
            codes.bits = bits;
            codes.isSigned = isSigned;
            const auto half = static_cast<float>(std::uint32_t{1} << (bits - 1));
            codes.low = isSigned ? -half : 0;
            codes.high = isSigned ? half - 1 : 2 * half - 1;
            codes.scale = 0.37F;
            codes.zero = isSigned ? -1 : 1;
            for (Code code = 0; code >> bits == 0; ++code) {
                const float value = codes.decode(code);
                ASSERT_EQ(codes.encode(value), code);
                ASSERT_EQ(codes.stored(value), value) << "stored twice is stored once";
            }
            std::uniform_real_distribution<float> values(-2 * half, 2 * half);
            for (int i = 0; i < 1000; ++i) {
                const float value = values(random);
                // QuantizeLinear: saturate(round_half_even(x / scale) + zero).
                const float q =
                    std::min(std::max(std::nearbyint(value / codes.scale) + codes.zero, codes.low),
                             codes.high);
                ASSERT_EQ(codes.stored(value), (q - codes.zero) * codes.scale);
            }
            EXPECT_EQ(codes.stored(0.185F), 0.0F) << "halves go to even";
            EXPECT_EQ(codes.stored(std::nanf("")), (codes.low - codes.zero) * codes.scale);
            EXPECT_EQ(codes.stored(INFINITY), (codes.high - codes.zero) * codes.scale);
        }
    }
}

TEST(StoredActivations, WithoutFaultsTheNetworkIsThatOfTheOracle) {
    const Residual residual;
    const auto engine = residual.engine();
    for (std::size_t i = 0; i < 20; ++i) {
        std::vector<float> out(engine->outputs());
        engine->run(residual.image(i).data(), 1, out.data());
        const auto right = oracle(residual.network, *residual.stored, residual.image(i),
                                  [](std::size_t, std::vector<double>&) {});
        for (std::size_t e = 0; e < out.size(); ++e) ASSERT_NEAR(out[e], right[e], 1e-5);
    }
}

/// Inverts each cell of a memory of `words` words, one at a time, and compares the network's
/// outputs with the oracle. Returns how many bits of tensors were inverted.
std::size_t invertEachCell(const Residual& residual, std::uint64_t words) {
    const ValuesUnderTest under = residual.under("none", words);
    const auto engine = residual.engine();
    const std::vector<float> image = residual.image(3);
    std::size_t changes = 0;
    for (std::uint32_t cell = 0; cell < 64 * std::min<std::uint64_t>(words, 24); ++cell) {
        FaultyValues faulty(under, flippingCell(cell));
        engine->readValuesFrom({&faulty, nullptr});
        std::vector<float> out(engine->outputs());
        engine->run(image.data(), 1, out.data());
        engine->readValuesFrom({});
        const auto flip = [&](std::size_t tensor, std::vector<double>& values) {
            const ValuePlacement::Place& place = under.placement->places()[tensor];
            const ActivationCodes& codes = residual.stored->tensors[tensor].codes;
            for (std::uint64_t word = 0; word < place.words; ++word) {
                if ((place.first + word) % words != cell / 64) continue;
                const std::uint64_t bit = cell % 64, element = word * 8 + bit / 8;
                if (element >= values.size()) continue;
                const auto code =
                    static_cast<int>(std::lround(values[element] / codes.scale + codes.zero));
                values[element] = ((code ^ (1 << bit % 8)) - codes.zero) * double{codes.scale};
                ++changes;
            }
        };
        const auto right = oracle(residual.network, *residual.stored, image, flip);
        for (std::size_t e = 0; e < out.size(); ++e) {
            EXPECT_NEAR(out[e], right[e], 1e-4) << "cell " << cell << ", output " << e;
        }
    }
    return changes;
}

TEST(FaultyValues, EachBitOfEachActivationChangesThatValueAndNoOther) {
    // 4 tensors of 50 bytes each, of which several may use a cell, one after the other.
    EXPECT_EQ(invertEachCell(Residual(), 512), 4 * 50 * 8U) << "every bit was inverted once";
}

TEST(FaultyValues, ACellOfASmallMemoryHitsAllThatRunsThroughIt) {
    // A tensor has 7 words: in 3 it runs through the memory.
    const Residual residual;
    EXPECT_EQ(residual.under("none", 3).placement->streaming(), 4U);
    EXPECT_EQ(invertEachCell(residual, 3), 4 * 50 * 8U);
}

TEST(FaultyValues, ABitOfSignsTurnsOneSign) {
    Random random(2);
    constexpr std::size_t kIn = 6, kHidden = 70, kOut = 3;  // 70 signs: two words
    Network network;
    network.file = "signs";
    network.opset = 13;
    network.inputs = {{"x", {1, kIn}}};
    network.outputs = {{"out", {}}};
    network.parameters["w"] = {{kIn, kHidden}, randomFloats(random, kIn * kHidden)};
    network.parameters["scale"] = {{}, {0.5F}};
    network.parameters["v"] = {{kHidden, kOut}, randomFloats(random, kHidden * kOut)};
    network.nodes = {{"h", "MatMul", {"x", "w"}, {"h"}, {}},
                     {"s", "BipolarQuant", {"h", "scale"}, {"s"}, {}},
                     {"out", "MatMul", {"s", "v"}, {"out"}, {}}};
    const StoredActivations stored = activationsToStore(network, {});
    ASSERT_EQ(stored.tensors.size(), 1U) << "the image has no codes";
    EXPECT_TRUE(stored.complete());
    EXPECT_EQ(stored.tensors[0].codes.bits, 1U);
    EngineSettings settings;
    settings.outputs = EngineOutputs::kOwn;
    settings.stored = std::make_shared<const StoredValues>(StoredValues{stored, {}});
    const auto engine = makeEngine(network, settings);
    const std::vector<float> image = randomFloats(random, kIn);
    std::vector<float> clean(kOut), out(kOut);
    engine->run(image.data(), 1, clean.data());
    const ValuesUnderTest under{std::make_shared<const ValuePlacement>(stored, 512, 64),
                                makeProtection("none", 64, 1), DetectedPolicy::kZeroCode};
    const auto& w = network.parameters["w"].values;
    const auto& v = network.parameters["v"].values;
    for (std::uint32_t cell = 0; cell < 128; ++cell) {
        FaultyValues faulty(under, flippingCell(cell));
        engine->readValuesFrom({&faulty, nullptr});
        engine->run(image.data(), 1, out.data());
        double hidden = 0;
        for (std::size_t i = 0; i < kIn && cell < kHidden; ++i) {
            hidden += double{image[i]} * w[i * kHidden + cell];
        }
        const double turn = cell >= kHidden ? 0 : hidden >= 0 ? -1 : 1;  // of +-0.5
        for (std::size_t o = 0; o < kOut; ++o) {
            const double weight = cell < kHidden ? double{v[cell * kOut + o]} : 0;
            EXPECT_NEAR(out[o], clean[o] + turn * weight, 1e-5) << cell;
        }
    }
}

TEST(Calibration, TakesTheRangeOfTheImagesOrOfMostOfTheirValues) {
    const Residual residual;
    const ActivationCodes& codes = residual.stored->tensors[0].codes;
    float low = 0, high = 0;
    for (std::size_t i = 0; i < 20; ++i) {
        for (const float value : residual.image(i)) {
            low = std::min(low, value);
            high = std::max(high, value);
            EXPECT_LE(std::abs(codes.stored(value) - value), codes.scale * 0.51F);
        }
    }
    EXPECT_NEAR(codes.scale, (high - low) / 255, 1e-6);
    EXPECT_EQ(codes.stored(0), 0) << "0 has a code";
    Calibration most;
    most.images = 20;
    most.quantile = 0.9;
    const StoredActivations narrower = calibrated(activationsToStore(residual.network, {"Relu"}),
                                                  residual.network, residual.images, most);
    double lowest = 0, highest = 0;
    for (std::size_t i = 0; i < 20; ++i) {
        std::vector<float> values = residual.image(i);
        std::sort(values.begin(), values.end());
        lowest += double{values[5]} / 20;  // of 50, numbered from 0
        highest += double{values[44]} / 20;
    }
    EXPECT_NEAR(narrower.tensors[0].codes.scale, (highest - lowest) / 255, 1e-6);
    EXPECT_LT(narrower.tensors[0].codes.scale, 0.9F * codes.scale);
    EXPECT_THROW(calibrated(activationsToStore(residual.network, {"Relu"}), residual.network,
                            residual.images, {}),
                 Error);
}

TEST(FaultyValues, EveryImageOfABatchReadsTheSameCells) {
    const Residual residual(4);
    const ValuesUnderTest under = residual.under();
    std::vector<FaultyCell> cells;
    for (std::uint32_t cell = 5; cell < 1200; cell += 37) cells.push_back({cell, 1, 1, 0});
    const CodedOverlay faults(
        std::make_shared<const FaultOverlay>(SramGeometry{1, 512, 64, 1}, cells));
    const auto engine = residual.engine();
    std::vector<float> images(20 * kElements);
    residual.images.read(0, 20, images.data());
    std::vector<float> together(20 * engine->outputs()), alone(together.size());
    FaultyValues faulty(under, faults);
    engine->readValuesFrom({&faulty, nullptr});
    engine->run(images.data(), 20, together.data());
    FaultyValues again(under, faults);
    engine->readValuesFrom({&again, nullptr});
    for (std::size_t i = 0; i < 20; ++i) {
        engine->run(images.data() + i * kElements, 1, alone.data() + i * engine->outputs());
    }
    EXPECT_EQ(together, alone);
    EXPECT_EQ(faulty.counts(20).bitsWrong, again.counts(20).bitsWrong);
    EXPECT_GT(faulty.counts(20).bitsWrong, 100U);
    EXPECT_EQ(faulty.counts(20).bitsRead, 20U * 4 * 4 * 64) << "4 tensors of 50 codes of 4 bits";
}

TEST(FaultyValues, SecdedCorrectsWhatOneCellOfAWordDoes) {
    const Residual residual;
    const auto engine = residual.engine();
    std::vector<float> clean(engine->outputs()), out(clean.size());
    const std::vector<float> image = residual.image(0);
    engine->run(image.data(), 1, clean.data());
    const ValuesUnderTest secded = residual.under("secded");
    const ValuesUnderTest parity = residual.under("parity");
    for (std::uint32_t cell = 0; cell < 64 * 7; cell += 11) {
        FaultyValues corrected(secded, flippingCell(cell));
        engine->readValuesFrom({&corrected, nullptr});
        engine->run(image.data(), 1, out.data());
        EXPECT_EQ(out, clean);
        EXPECT_GT(corrected.counts(1).wordsCorrected, 0U);
        FaultyValues detected(parity, flippingCell(cell));
        engine->readValuesFrom({&detected, nullptr});
        engine->run(image.data(), 1, out.data());
        EXPECT_GT(detected.counts(1).wordsDetected, 0U);
        EXPECT_EQ(detected.counts(1).wordsSilent, 0U);
    }
    EXPECT_THROW(requireForValues(*makeProtection("op-64", 64, 8)), Error);
}

TEST(ValuePlacement, TensorsThatAreAliveTogetherShareNoCell) {
    std::mt19937 random(11);
    std::size_t streaming = 0, fitting = 0;
    for (int run = 0; run < 300; ++run) {
        StoredActivations activations;
        for (std::size_t t = 0; t < 12; ++t) {
            StoredActivation tensor;
            tensor.elements = 1 + random() % 400;
            tensor.written = t;
            tensor.lastRead = t + 1 + random() % 4;
            tensor.codes.bits = random() % 2 == 0 ? 8 : 4;
            activations.tensors.push_back(tensor);
        }
        const std::uint64_t words = 20 + random() % 150;
        const ValuePlacement placement(activations, words, 64);
        for (std::size_t a = 0; a < 12; ++a) {
            const auto& one = placement.places()[a];
            ++(one.streams ? streaming : fitting);
            if (one.streams) continue;
            ASSERT_LE(one.first + one.words, words);
            for (std::size_t b = a + 1; b < 12; ++b) {
                const auto& other = placement.places()[b];
                if (other.streams || activations.tensors[a].lastRead < b) continue;
                ASSERT_TRUE(one.first + one.words <= other.first ||
                            other.first + other.words <= one.first);
            }
        }
        // Every code of every tensor lies in exactly one word of the memory.
        std::vector<std::uint64_t> found(12, 0);
        for (std::uint64_t at = 0; at < words; ++at) {
            placement.forEachWordAt(at, [&](std::size_t tensor, std::uint64_t word) {
                found[tensor] += placement.codesOf(tensor, word).count;
            });
        }
        for (std::size_t t = 0; t < 12; ++t) ASSERT_EQ(found[t], activations.tensors[t].elements);
    }
    EXPECT_GT(streaming, 100U);
    EXPECT_GT(fitting, 100U);
}

}  // namespace
}  // namespace brownout
