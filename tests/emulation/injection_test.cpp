#include "emulation/injection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <mutex>

#include "base/error.h"
#include "emulation/network_codes.h"
#include "emulation/runner.h"
#include "emulation/trial.h"
#include "inference/data/dataset.h"
#include "inference/engines/float_engine.h"
#include "inference/onnx/onnx_import.h"
#include "model/functional_memory.h"
#include "model/random.h"
#include "model/threshold_chips.h"
#include "tests/model/even_blocks.h"
#include "tests/model/recording_memory.h"

namespace brownout {
namespace {

constexpr std::size_t kImages = 2;

EncodedNetwork network(int bits, const char* quantizer) {
    return EncodedNetwork(importOnnx(BROWNOUT_SOURCE_DIR "/inference/zoo/fashion-rquant.onnx"),
                          numberFormat(quantizer + std::to_string(bits)), StoreScope::kParameters);
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

/// What the network says with the weights that the engine has: its logits, bit by bit.
std::vector<std::uint32_t> outputs(Engine& engine) {
    static const Dataset data = openDataset("fashion-mnist").take(kImages);
    std::vector<float> images(kImages * engine.imageElements());
    std::vector<float> logits(kImages * engine.outputs());
    data.read(0, kImages, images.data());
    engine.run(images.data(), kImages, logits.data());
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
                           const MemoryMap& map, const EncodedNetwork& network, bool zeroWeight,
                           Engine& engine) {
    std::vector<Span<const Code>> codes;
    for (const StoredTensor& tensor : network.storedTensors()) codes.emplace_back(tensor.codes);
    auto image = map.pack(codes);
    const Protection& protection = memory.protection();
    const CheckPlacement& placement = memory.placement();
    const std::uint32_t size = protection.blockWords();
    if (protection.name().rfind("even-", 0) != 0) {
        // What preparation does is tested beside each protection.
        const NetworkCodes values(network);
        for (std::size_t first = 0; first < image.size(); first += size) {
            std::vector<WordCodes> places;
            for (std::size_t i = first; i < first + size; ++i) places.push_back(map.codesOf(i));
            protection.prepare(Span<Word>(image).subspan(first, size), places, values);
        }
    } else {
        // Even blocks, bit by bit.
        for (std::size_t first = 0; first < image.size(); first += size) {
            std::uint64_t count = 0;
            for (std::size_t i = first; i < first + size; ++i) count += ones(image[i]);
            if (count % 2 == 1) image[first] ^= 1;
        }
    }
    InjectionCounts counts;
    std::vector<Word> cells;
    for (std::uint64_t i = 0; i < image.size(); ++i) {
        const std::uint64_t word = map.physicalWord(i);
        if (i % size == 0) {
            cells.assign(image.begin() + static_cast<std::ptrdiff_t>(i),
                         image.begin() + static_cast<std::ptrdiff_t>(i + size));
            protection.encode(cells);
            for (std::uint32_t k = 0; k < size; ++k) {
                memory.write(map.physicalWord(i + k), {&image[i + k], 1});
            }
        }
        DecodedWord read;
        memory.read(word, {&read.data, 1}, {&read.status, 1});

        ++counts.wordsRead;
        counts.bitsRead += protection.wordBits();
        *counts.bitsWrong += ones(cells[i % size] ^ faults.read(word, cells[i % size]));
        *counts.failingCells += ones(failing(faults, word) & protection.dataMask());
        if (i % size == 0 && protection.checkBits() > 0) {
            std::vector<Word> block(image.begin() + static_cast<std::ptrdiff_t>(i),
                                    image.begin() + static_cast<std::ptrdiff_t>(i + size));
            const auto place = placement.placeOf(word);
            const Word stored = Word{protection.encode(block)} << place.shift;
            const Word mask = ((Word{1} << protection.checkBits()) - 1) << place.shift;
            counts.bitsRead += protection.checkBits();
            *counts.bitsWrong += ones((stored ^ faults.read(place.word, stored)) & mask);
            *counts.failingCells += ones(failing(faults, place.word) & mask);
        }
        const bool right = read.data == image[i];
        if (read.status == WordStatus::kDetected) ++counts.wordsDetected;
        if (read.status == WordStatus::kCorrected && right) ++counts.wordsCorrected;
        if (read.status == WordStatus::kCorrected && !right) ++counts.wordsMiscorrected;
        if (read.status == WordStatus::kClean && !right) ++counts.wordsSilent;

        const WordCodes inWord = map.codesOf(i);
        const TensorFormat& format = *network.storedTensors()[inWord.tensor].format;
        Code zero = 0;
        for (Code code = 0; code <= codeMask(inWord.bits); ++code) {
            const std::uint64_t first = inWord.first;
            if (std::abs(format.decode(code, first)) < std::abs(format.decode(zero, first))) {
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
            engine.patch(inWord.tensor, inWord.first + slot, code);
            counts.codesChanged += code != (image[i] & mask) >> shift;
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

/// A protection by its name, "even-blocks" of one or several words among them.
std::shared_ptr<const Protection> protectionNamed(const std::string& name, std::uint32_t bits) {
    if (name == "even-words") return std::make_shared<const test::EvenBlocks>(bits);
    if (name == "even-blocks") return std::make_shared<const test::EvenBlocks>(bits, 4);
    return makeProtection(name, bits, 8);
}

struct Kind {
    const char* protection;
    SramGeometry chip;
    int bits;
    LayoutSettings layout;
    DetectedPolicy policy;
    double rate;
    const char* quantizer = "rquant";
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.protection << " " << kind.bits; }

class Injection : public testing::TestWithParam<Kind> {};

TEST_P(Injection, GivesTheWeightsAndTheCountsOfReadingEveryWordThroughTheGoldenMemory) {
    const Kind& kind = GetParam();
    const auto protection = protectionNamed(kind.protection, kind.chip.wordBits());
    const CheckPlacement placement(kind.chip, *protection);
    const EncodedNetwork quantized = network(kind.bits, kind.quantizer);
    const MemoryMap map = layOut(quantized, placement, kind.layout);
    const StoredNetwork stored = storeNetwork(quantized, map, protection, kind.policy);
    // Codes of 7 bits leave a spare cell in each word, which preparation takes before a weight.
    EXPECT_EQ(stored.prepared.empty(), !protection->altersData() || kind.bits == 7);
    FloatEngine fast(quantized);
    FloatEngine slow(quantized);
    for (const ChangedCode& changed : stored.prepared) {
        EXPECT_NE(quantized.storedTensors()[changed.tensor].codes[changed.element], changed.code);
        fast.patch(changed.tensor, changed.element, changed.code);
    }
    fast.keep();
    for (std::uint32_t seed = 0; seed < 2; ++seed) {
        const auto chips = std::make_shared<ThresholdChips>(
            Chip(kind.chip, randomCells(kind.chip, seed, kind.rate), 0.6));
        const LoadId load{3, 0, seed};
        for (const double supply : {0.99, 0.85, 0.65}) {
            const FaultOverlay faults = chips->faults(0, {supply})->resolved(load);
            const CodedOverlay coded(faults, placement);
            FunctionalMemory memory(chips, protection);
            memory.insert(load);
            memory.setSupply(supply);
            const InjectionCounts expected = bruteForce(
                memory, faults, map, quantized,
                kind.policy == DetectedPolicy::kZeroWeight || protection->masksWeights(), slow);
            const auto expectedOutputs = outputs(slow);
            slow.restore();

            const InjectionCounts counts = inject(coded, map, stored, fast);
            expectSame(counts, expected);
            EXPECT_EQ(outputs(fast), expectedOutputs);
            fast.restore();

            FunctionalMemory another(chips, protection);
            another.insert(load);
            const InjectionCounts through =
                injectThrough(another, &another, {supply}, map, stored, fast);
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
const LayoutSettings kBlocks16{BitOrder::kMsbFirst, Interleave::kBanks, 1000008};
const LayoutSettings kBlocks{BitOrder::kMsbFirst, Interleave::kBanks, 1000004};

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
                    Kind{"secded", {12, 200, 32, 1}, 5, kShifted, kCode, 0.03},
                    Kind{"parity-128", {32, 512, 64, 1}, 8, kPlain, kCode, 0.005},
                    Kind{"parity-128", {9, 64, 64, 4}, 4, kBlocks16, kWeight, 0.005},
                    Kind{"parity-128", {40, 64, 16, 1}, 5, kBlocks16, kWeight, 0.005},
                    Kind{"op-weight", {32, 512, 64, 1}, 8, kPlain, kCode, 0.01},
                    Kind{"op-16", {9, 64, 64, 4}, 8, kShifted, kCode, 0.01},
                    Kind{"op-64", {7, 100, 64, 1}, 7, kShifted, kCode, 0.01},
                    Kind{"op-64-largest", {32, 512, 64, 1}, 8, kPlain, kWeight, 0.01},
                    Kind{"op-128", {9, 64, 64, 4}, 4, kBlocks16, kCode, 0.005},
                    Kind{"op-256", {32, 512, 64, 1}, 8, kBlocks16, kCode, 0.002},
                    Kind{"op-256", {5, 64, 64, 1}, 8, kBlocks, kCode, 0.002},
                    Kind{"in-place-ecc", {32, 512, 64, 1}, 8, kPlain, kCode, 0.02, "normal"},
                    Kind{"in-place-ecc", {9, 64, 64, 1}, 8, kShifted, kWeight, 0.02, "normal"},
                    Kind{"bit-masking", {32, 512, 64, 1}, 8, kPlain, kCode, 0.01, "normal"},
                    Kind{"bit-masking-weight", {9, 64, 64, 4}, 8, kShifted, kCode, 0.01, "normal"},
                    Kind{"even-words", {32, 512, 64, 1}, 8, kPlain, kCode, 0.01},
                    Kind{"even-blocks", {5, 64, 64, 4}, 4, kBlocks, kWeight, 0.005}));

TEST(InjectionThroughAMemory, RefusesOneOfAnotherSize) {
    const EncodedNetwork quantized = network(8, "rquant");
    const SramGeometry chip{32, 512, 64, 1};
    const auto protection = makeProtection("parity", 64);
    const MemoryMap map = layOut(quantized, chip, {});
    const StoredNetwork stored = storeNetwork(quantized, map, protection);
    FunctionalMemory memory(std::make_shared<ThresholdChips>(Chip(chip, {}, 0)), protection);
    FloatEngine engine(quantized);
    EXPECT_THROW(injectThrough(memory, &memory, {1}, map, stored, engine), Error);
}

TEST(DetectedPolicy, HasTheNamesOfTheCommandLine) {
    for (const auto policy : {kCode, kWeight}) {
        EXPECT_EQ(detectedPolicyFromString(toString(policy)), policy);
    }
    EXPECT_THROW(detectedPolicyFromString("zero"), UsageError);
}

TEST(CampaignThroughAMemory, GivesTheResultsOfTheFastPathTrialByTrial) {
    const SramGeometry chip{32, 512, 64, 1};
    const Dataset data = openDataset("fashion-mnist").take(20);
    CampaignSpec spec;
    std::vector<EncodedNetwork> networks;
    std::vector<std::shared_ptr<const Protection>> protections;
    for (const char* name :
         {"none", "parity", "parity-byte", "secded", "even-words", "parity-128"}) {
        spec.networks.emplace_back();
        spec.networks.back().name = name;
        networks.push_back(network(8, "rquant"));
        protections.push_back(protectionNamed(name, 64));
    }
    spec.points = {{"0.9", 0.9, {}, 0, {}}, {"0.8", 0.8, {}, 0, {}}, {"0.65", 0.65, {}, 0, {}}};
    spec.chips = 2;
    spec.offsets = {0, 5000};
    spec.images = data.size();
    std::vector<std::shared_ptr<const Chip>> chips;
    for (std::uint32_t i = 0; i < spec.chips; ++i) {
        chips.push_back(std::make_shared<const Chip>(chip, randomCells(chip, i, 0.02), 0.6));
    }
    const auto source = std::make_shared<ThresholdChips>(chips);

    const auto run = [&](const MemoryFactory& memory, unsigned threads) {
        std::mutex mutex;
        std::map<TrialKey, TrialCounts> results;
        runCampaign(
            {spec,
             {networks, std::vector<Dataset>(networks.size(), data), protections,
              std::vector<std::shared_ptr<const FaultSelection>>(networks.size()),
              std::vector<NetworkPlacement>(networks.size()),
              std::vector<RowValues>(networks.size())},
             *classification(),
             source,
             {},
             DetectedPolicy::kZeroWeight,
             memory},
            threads, [](const TrialKey&) { return false; },
            [&](const TrialResult& trial) {
                const std::lock_guard<std::mutex> lock(mutex);
                results[trial.key] = trial.counts;
            });
        return results;
    };
    const auto fast = run({}, 1);
    const auto through = run(functionalMemories(source), 2);
    ASSERT_EQ(fast.size(), 72U);
    EXPECT_EQ(fast, through);
    EXPECT_EQ(fast, run({}, 2));
    // The clean run of a protection that alters weights has the altered ones.
    const MemoryMap map = layOut(networks[4], chip, {});
    FloatEngine prepared(networks[4]);
    for (const ChangedCode& c : storeNetwork(networks[4], map, protections[4]).prepared) {
        prepared.patch(c.tensor, c.element, c.code);
    }
    const auto ranks = scoresOf(prepared, *classification(), data, {0, data.size()});
    const auto wrong = static_cast<std::uint64_t>(
        std::count_if(ranks.begin(), ranks.end(), [](double rank) { return rank > 0; }));
    for (const auto& [key, counts] : fast) {
        if (key.network == 4) {
            EXPECT_EQ(counts.wrongClean, wrong);
        }
    }
    TrialCounts sum;
    for (const auto& trial : fast) sum += trial.second;
    EXPECT_GT(sum.wordsCorrected, 0U);
    EXPECT_GT(sum.wordsDetected, 0U);
    EXPECT_GT(sum.wordsMiscorrected, 0U);
    EXPECT_GT(sum.wordsSilent, 0U);
}

// A back end for silicon sees its port only: what it counts must be what a simulated memory with
// the same cells counts, and what no port shows is absent.
TEST(CampaignThroughAMemory, WithoutASocketCountsWhatItsPortShows) {
    const SramGeometry geometry{32, 512, 64, 1};
    const Dataset data = openDataset("fashion-mnist").take(5);
    const EncodedNetwork quantized = network(8, "rquant");
    for (const char* name : {"none", "secded"}) {
        const auto protection = makeProtection(name, 64);
        const CheckPlacement placement(geometry, *protection);
        const MemoryMap map = layOut(quantized, placement, {});
        std::vector<FaultyCell> cells;
        test::RecordingMemory recording(placement.dataGeometry().words(), protection);
        RandomStream random(3, RandomDomain::kTraffic, 8, 0);
        for (std::uint64_t word = 0; word < placement.dataGeometry().words(); word += 5) {
            CodedWord flips;
            for (const std::uint32_t bit : {random.next() % 32, 32 + random.next() % 32}) {
                flips.data |= Word{1} << bit;
                cells.push_back(
                    {static_cast<std::uint32_t>(geometry.cellOfBit(word, bit)), 0.8F, 1.F, 1.F});
                if (word % 2 == 0) break;
            }
            recording.plant(word, flips, 0.8F);
        }
        FunctionalMemory simulated(std::make_shared<ThresholdChips>(Chip(geometry, cells, 0.6)),
                                   protection);
        const StoredNetwork stored = storeNetwork(quantized, map, protection, kWeight);
        FloatEngine engine(quantized);
        for (const double supply : {0.9, 0.7}) {
            InjectionCounts shown =
                injectThrough(recording, nullptr, {supply}, map, stored, engine);
            const auto shownOutputs = outputs(engine);
            engine.restore();
            const InjectionCounts known =
                injectThrough(simulated, &simulated, {supply}, map, stored, engine);
            EXPECT_EQ(outputs(engine), shownOutputs);
            engine.restore();
            EXPECT_FALSE(shown.failingCells.has_value());
            EXPECT_EQ(shown.bitsWrong.has_value(), std::string(name) == "none");
            EXPECT_EQ(*known.failingCells > 0, supply < 0.8);
            shown.failingCells = known.failingCells;
            if (!shown.bitsWrong) shown.bitsWrong = known.bitsWrong;
            expectSame(shown, known);
        }
        EXPECT_EQ(recording.supplies, (std::vector<double>{0.9, 0.7}));
        EXPECT_EQ(recording.wordsRead, 2 * map.imageWords());
        EXPECT_EQ(recording.wordsWritten, 2 * map.imageWords());
    }
}

TEST(CampaignThroughAMemory, WithoutASocketHasOneChip) {
    const SramGeometry geometry{32, 512, 64, 1};
    const Dataset data = openDataset("fashion-mnist").take(5);
    const std::vector<EncodedNetwork> networks{network(8, "rquant")};
    const std::vector<std::shared_ptr<const Protection>> protections{makeProtection("secded", 64)};
    const auto chips = std::make_shared<ThresholdChips>(Chip(geometry, {}, 0));
    CampaignSpec spec;
    spec.networks.emplace_back();
    spec.points = {{"0.9", 0.9, {}, 0, {}}};
    spec.images = data.size();
    const MemoryFactory factory = [&](std::shared_ptr<const Protection> protection) {
        const CheckPlacement placement(geometry, *protection);
        return CampaignMemory{
            std::make_unique<test::RecordingMemory>(placement.dataGeometry().words(), protection),
            nullptr};
    };
    const auto run = [&] {
        std::vector<TrialCounts> results;
        runCampaign(
            {spec,
             {networks, {data}, protections, {nullptr}, {{}}, {{}}},
             *classification(),
             chips,
             {},
             DetectedPolicy::kZeroCode,
             factory},
            1, [](const TrialKey&) { return false; },
            [&](const TrialResult& trial) { results.push_back(trial.counts); });
        return results;
    };
    const auto results = run();
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results[0].images, data.size());
    EXPECT_FALSE(results[0].failingCells.has_value());
    EXPECT_FALSE(results[0].bitsWrong.has_value());
    EXPECT_EQ(problemWith(results[0]), std::nullopt);
    spec.chips = 2;
    EXPECT_THROW(run(), Error);
}

}  // namespace
}  // namespace brownout
