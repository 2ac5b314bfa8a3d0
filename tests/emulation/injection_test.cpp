#include "emulation/injection.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <mutex>

#include "base/error.h"
#include "emulation/runner.h"
#include "inference/dataset.h"
#include "model/functional_memory.h"
#include "model/random.h"

namespace brownout {
namespace {

constexpr std::size_t kImages = 2;

QuantizedNetwork network(int bits, const char* quantizer) {
    return QuantizedNetwork(importOnnx(BROWNOUT_SOURCE_DIR "/inference/zoo/fashion-rquant.onnx"),
                            QuantizerSettings::preset(quantizer, bits), StoreScope::kParameters);
}

/// Cells that are stuck, flip, or fail in some reads.
std::vector<FaultyCell> randomCells(const SramGeometry& chip, std::uint32_t seed, double rate) {
    std::vector<FaultyCell> cells;
    RandomStream random(seed, RandomDomain::kTraffic, 7, 0);
    const float levels[] = {0.F, 1.F, 1.F, 0.4F};
    for (std::uint32_t cell = 0; cell < chip.cells(); ++cell) {
        if (random.uniform() >= rate) continue;
        const auto v = static_cast<float>(0.7 + 0.25 * random.uniform());
        cells.push_back({cell, v, levels[random.next() % 4], levels[random.next() % 4]});
    }
    return cells;
}

/// What the network says with the weights that the executor has: its logits, bit by bit.
std::vector<std::uint32_t> outputs(Executor& executor) {
    static const Dataset data = openDataset("fashion-mnist").take(kImages);
    std::vector<float> images(kImages * executor.imageElements());
    std::vector<float> logits(kImages * executor.classes());
    data.read(0, kImages, images.data());
    executor.run(images.data(), kImages, logits.data());
    std::vector<std::uint32_t> bits(logits.size());
    std::memcpy(bits.data(), logits.data(), 4 * logits.size());
    return bits;
}

std::uint64_t ones(Word bits) { return static_cast<std::uint64_t>(__builtin_popcountll(bits)); }

/// Cells of a physical word that don't read as they are stored: bit by bit, whatever is stored.
Word failing(const FaultOverlay& faults, std::uint64_t word) {
    return faults.read(word, 0) | ~faults.read(word, ~Word{0});
}

/// The oracle: every block of the network read through the golden memory, every code of it taken
/// out by hand, with no thought for what is faulty.
InjectionCounts bruteForce(FunctionalMemory& memory, const FaultOverlay& faults,
                           const MemoryMap& map, const QuantizedNetwork& network, bool zeroWeight,
                           Executor& executor) {
    std::vector<Span<const Code>> codes;
    for (const StoredTensor& tensor : network.storedTensors()) codes.emplace_back(tensor.codes);
    const auto image = map.pack(codes);
    const Protection& protection = memory.protection();
    const CheckPlacement& placement = memory.placement();
    const std::uint32_t size = protection.blockWords();
    InjectionCounts counts;
    for (std::uint64_t i = 0; i < image.size(); ++i) {
        const std::uint64_t word = map.physicalWord(i);
        if (i % size == 0) {
            for (std::uint32_t k = 0; k < size; ++k) {
                memory.write(map.physicalWord(i + k), {&image[i + k], 1});
            }
        }
        DecodedWord read;
        memory.read(word, {&read.data, 1}, {&read.status, 1});

        ++counts.wordsRead;
        counts.bitsRead += protection.wordBits();
        counts.bitsWrong += ones(image[i] ^ faults.read(word, image[i]));
        counts.failingCells += ones(failing(faults, word) & protection.dataMask());
        if (i % size == 0 && protection.checkBits() > 0) {
            std::vector<Word> block(image.begin() + static_cast<std::ptrdiff_t>(i),
                                    image.begin() + static_cast<std::ptrdiff_t>(i + size));
            const auto place = placement.placeOf(word);
            const Word stored = Word{protection.encode(block)} << place.shift;
            const Word mask = ((Word{1} << protection.checkBits()) - 1) << place.shift;
            counts.bitsRead += protection.checkBits();
            counts.bitsWrong += ones((stored ^ faults.read(place.word, stored)) & mask);
            counts.failingCells += ones(failing(faults, place.word) & mask);
        }
        const bool right = read.data == image[i];
        if (read.status == WordStatus::kDetected) ++counts.wordsDetected;
        if (read.status == WordStatus::kCorrected && right) ++counts.wordsCorrected;
        if (read.status == WordStatus::kCorrected && !right) ++counts.wordsMiscorrected;
        if (read.status == WordStatus::kClean && !right) ++counts.wordsSilent;

        const WordCodes inWord = map.codesOf(i);
        const Quantizer& quantizer = network.storedTensors()[inWord.tensor].quantizer;
        Code zero = 0;
        for (Code code = 0; code < 1U << inWord.bits; ++code) {
            if (std::abs(quantizer.dequantize(code)) < std::abs(quantizer.dequantize(zero))) {
                zero = code;
            }
        }
        for (std::uint32_t slot = 0; slot < inWord.count; ++slot) {
            const bool msbFirst = map.layout().bitOrder == BitOrder::kMsbFirst;
            const std::uint32_t shift =
                msbFirst ? protection.wordBits() - (slot + 1) * inWord.bits : slot * inWord.bits;
            const Word mask = ((Word{1} << inWord.bits) - 1) << shift;
            auto code = static_cast<Code>((read.data & mask) >> shift);
            if (zeroWeight && (protection.worthlessBits(read) & mask) != 0) code = zero;
            executor.patch(inWord.tensor, inWord.first + slot, code);
            counts.codesChanged +=
                code != network.storedTensors()[inWord.tensor].codes[inWord.first + slot];
        }
    }
    return counts;
}

void expectSame(const InjectionCounts& a, const InjectionCounts& b) {
    EXPECT_EQ(a.bitsRead, b.bitsRead);
    EXPECT_EQ(a.bitsWrong, b.bitsWrong);
    EXPECT_EQ(a.failingCells, b.failingCells);
    EXPECT_EQ(a.wordsRead, b.wordsRead);
    EXPECT_EQ(a.wordsCorrected, b.wordsCorrected);
    EXPECT_EQ(a.wordsDetected, b.wordsDetected);
    EXPECT_EQ(a.wordsMiscorrected, b.wordsMiscorrected);
    EXPECT_EQ(a.wordsSilent, b.wordsSilent);
    EXPECT_EQ(a.codesChanged, b.codesChanged);
}

struct Kind {
    const char* protection;
    SramGeometry chip;
    int bits;
    LayoutSettings layout;
    DetectedPolicy policy;
    double rate;
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.protection << " " << kind.bits; }

class Injection : public testing::TestWithParam<Kind> {};

TEST_P(Injection, GivesTheWeightsAndTheCountsOfReadingEveryWordThroughTheGoldenMemory) {
    const Kind& kind = GetParam();
    const auto protection = makeProtection(kind.protection, kind.chip.wordBits());
    const CheckPlacement placement(kind.chip, *protection);
    const QuantizedNetwork quantized = network(kind.bits, "rquant");
    const MemoryMap map = layOut(quantized, placement, kind.layout);
    const StoredNetwork stored = storeNetwork(quantized, map, protection, kind.policy);
    Executor fast(quantized);
    Executor slow(quantized);
    for (std::uint32_t seed = 0; seed < 2; ++seed) {
        const auto chip =
            std::make_shared<const Chip>(kind.chip, randomCells(kind.chip, seed, kind.rate), 0.6);
        const FaultsAtSupply faultsAt = faultsOf(chip, {3, seed, 1});
        for (const double supply : {0.99, 0.85, 0.65}) {
            const FaultOverlay faults = faultsAt(supply);
            const CodedOverlay coded(faults, placement);
            FunctionalMemory memory(kind.chip, protection, faultsAt);
            memory.setSupply(supply);
            const InjectionCounts expected = bruteForce(
                memory, faults, map, quantized, kind.policy == DetectedPolicy::kZeroWeight, slow);
            const auto expectedOutputs = outputs(slow);
            slow.restore();

            const InjectionCounts counts = inject(coded, map, stored, fast);
            expectSame(counts, expected);
            EXPECT_EQ(outputs(fast), expectedOutputs);
            fast.restore();

            FunctionalMemory another(kind.chip, protection, faultsAt);
            const InjectionCounts through =
                injectThrough(another, supply, coded, map, stored, fast);
            expectSame(through, expected);
            EXPECT_EQ(outputs(fast), expectedOutputs);
            fast.restore();
            if (supply < 0.7) {
                EXPECT_GT(expected.codesChanged, 0U);
            }
        }
    }
}

constexpr auto kCode = DetectedPolicy::kZeroCode;
constexpr auto kWeight = DetectedPolicy::kZeroWeight;
const LayoutSettings kPlain{};
const LayoutSettings kShifted{BitOrder::kMsbFirst, Interleave::kBanks, 1000003};

INSTANTIATE_TEST_SUITE_P(
    Kinds, Injection,
    testing::Values(Kind{"none", {32, 512, 64, 1}, 8, kPlain, kCode, 0.01},
                    Kind{"none", {5, 64, 64, 4}, 3, kShifted, kCode, 0.02},
                    Kind{"parity", {32, 512, 64, 1}, 8, kPlain, kCode, 0.01},
                    Kind{"parity", {7, 100, 64, 2}, 4, kShifted, kWeight, 0.01},
                    Kind{"parity", {7, 100, 20, 1}, 3, kShifted, kWeight, 0.01},
                    Kind{"parity-byte", {32, 512, 64, 1}, 8, kPlain, kWeight, 0.01},
                    Kind{"parity-byte", {9, 64, 64, 4}, 8, kShifted, kCode, 0.02},
                    Kind{"parity-byte", {21, 64, 16, 1}, 3, kShifted, kWeight, 0.02},
                    Kind{"secded", {32, 512, 64, 1}, 8, kPlain, kCode, 0.02},
                    Kind{"secded", {12, 64, 64, 4}, 8, kShifted, kWeight, 0.02},
                    Kind{"secded", {12, 200, 32, 1}, 5, kShifted, kCode, 0.03}));

TEST(InjectionThroughAMemory, RefusesOneOfAnotherSize) {
    const QuantizedNetwork quantized = network(8, "rquant");
    const SramGeometry chip{32, 512, 64, 1};
    const auto protection = makeProtection("parity", 64);
    const MemoryMap map = layOut(quantized, chip, {});
    const StoredNetwork stored = storeNetwork(quantized, map, protection);
    FunctionalMemory memory(chip, protection, [](double) { return FaultOverlay(); });
    Executor executor(quantized);
    EXPECT_THROW(injectThrough(memory, 1, CodedOverlay(), map, stored, executor), Error);
}

TEST(DetectedPolicy, HasTheNamesOfTheCommandLine) {
    for (const auto policy : {kCode, kWeight}) {
        EXPECT_EQ(detectedPolicyFromString(toString(policy)), policy);
    }
    EXPECT_THROW(detectedPolicyFromString("zero"), UsageError);
}

TEST(DetectedPolicy, TakesTheCodeWhoseWeightIsNearestToZero) {
    for (const char* quantizer : {"rquant", "normal"}) {
        const QuantizedNetwork quantized = network(8, quantizer);
        const MemoryMap map = layOut(quantized, SramGeometry{}, {});
        const auto stored = storeNetwork(quantized, map, makeProtection("parity", 64), kWeight);
        ASSERT_EQ(stored.substitutes.size(), quantized.storedTensors().size());
        for (std::size_t t = 0; t < stored.substitutes.size(); ++t) {
            const Quantizer& of = quantized.storedTensors()[t].quantizer;
            if (std::string(quantizer) == "normal") {
                EXPECT_EQ(stored.substitutes[t], 0);
            }
            // Normalisation scales may all be above zero: then it is the nearest end of the range.
            const bool reachesZero = of.range().low <= 0 && of.range().high >= 0;
            if (reachesZero) {
                EXPECT_LE(std::abs(of.dequantize(stored.substitutes[t])), of.step() / 2 * 1.001);
            }
        }
        EXPECT_TRUE(storeNetwork(quantized, map, makeProtection("parity", 64)).substitutes.empty());
    }
}

/// Chips whose cells are partly probabilistic, at three supplies.
class RandomChips final : public FaultSource {
 public:
    explicit RandomChips(const SramGeometry& chip) : chip_(chip) {}
    const SramGeometry& geometry() const override { return chip_; }
    FaultOverlay faultsAt(std::uint32_t chip, std::uint32_t point) override {
        const Chip faulty(chip_, randomCells(chip_, chip, 0.02), 0.6);
        const double supplies[] = {0.9, 0.8, 0.65};
        return FaultOverlay(chip_, faulty.failingAt(supplies[point]));
    }

 private:
    SramGeometry chip_;
};

TEST(CampaignThroughAMemory, GivesTheResultsOfTheFastPathTrialByTrial) {
    const SramGeometry chip{32, 512, 64, 1};
    const Dataset data = openDataset("fashion-mnist").take(20);
    CampaignSpec spec;
    std::vector<QuantizedNetwork> networks;
    for (const char* codec : {"none", "parity", "parity-byte", "secded"}) {
        NetworkSpec network8;
        network8.name = codec;
        const CheckPlacement placement(chip, *makeProtection(codec, 64));
        if (placement.checkBits() > 0) {
            network8.protection =
                ProtectionSpec{codec, 64, placement.checkBits(), placement.dataGeometry().arrays,
                               placement.checkArrays()};
        }
        spec.networks.push_back(network8);
        networks.push_back(network(8, "rquant"));
    }
    spec.points = {{"0.9", 0.9, {}, 0, {}}, {"0.8", 0.8, {}, 0, {}}, {"0.65", 0.65, {}, 0, {}}};
    spec.chips = 2;
    spec.offsets = {0, 5000};
    spec.images = data.size();
    RandomChips faults(chip);

    const auto run = [&](const MemoryFactory& memory, unsigned threads) {
        std::mutex mutex;
        std::map<TrialKey, TrialCounts> results;
        runCampaign(
            {spec,
             networks,
             *classification(),
             data,
             faults,
             {},
             DetectedPolicy::kZeroWeight,
             memory},
            threads, [](const TrialKey&) { return false; },
            [&](const TrialKey& key, const TrialCounts& counts) {
                const std::lock_guard<std::mutex> lock(mutex);
                results[key] = counts;
            });
        return results;
    };
    const auto fast = run({}, 1);
    const auto through = run(
        [](const SramGeometry& geometry, std::shared_ptr<const Protection> protection,
           FaultsAtSupply at) {
            return std::make_unique<FunctionalMemory>(geometry, std::move(protection),
                                                      std::move(at));
        },
        2);
    ASSERT_EQ(fast.size(), 48U);
    EXPECT_EQ(fast, through);
    EXPECT_EQ(fast, run({}, 2));
    TrialCounts sum;
    for (const auto& trial : fast) sum += trial.second;
    EXPECT_GT(sum.wordsCorrected, 0U);
    EXPECT_GT(sum.wordsDetected, 0U);
    EXPECT_GT(sum.wordsMiscorrected, 0U);
    EXPECT_GT(sum.wordsSilent, 0U);
}

}  // namespace
}  // namespace brownout
