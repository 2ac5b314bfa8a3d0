#include "sim/rtl_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "model/functional_memory.h"
#include "sim/cosim.h"
#include "tests/sim/sample_chip.h"

namespace brownout {
namespace {

using testing::HasSubstr;

const SramGeometry kGeometry{6, 64, 64, 1};

SimulatedMemorySettings settings(
    const std::string& codec, std::shared_ptr<ChipSource> chips = test::faultlessChips(kGeometry)) {
    SimulatedMemorySettings settings;
    settings.chips = std::move(chips);
    settings.protection = makeProtection(codec, settings.chips->geometry().wordBits());
    settings.energy = EnergyModel({{0.75, 0.5, 1, 1e-6}, {1.0, 1, 2, 1e-5}}, 1.0, "test");
    return settings;
}

class RtlWithCodec : public testing::TestWithParam<const char*> {};

TEST_P(RtlWithCodec, ReturnsTheWordsAndStatusesOfTheFunctionalMemoryForAllTraffic) {
    SimulationKernel kernel;
    const auto chips = test::sampleChips(kGeometry, 0.03);
    FunctionalMemory golden(chips, makeProtection(GetParam(), 64));
    RtlMemory memory(kernel, builtInBuffer(GetParam()), settings(GetParam(), chips));
    golden.insert({1, 0, 0});
    memory.insert({1, 0, 0});
    TrafficSettings traffic;
    traffic.data = golden.placement().dataGeometry();
    traffic.randomWords = 20000;
    for (const double supply : {1.0, 0.8, 0.9}) {
        golden.setSupply(supply);
        memory.setSupply(supply);
        const Comparison result = compareMemories(golden, memory, traffic, [](std::uint64_t) {});
        EXPECT_EQ(result.words, comparedWords(traffic));
        EXPECT_EQ(result.mismatches, 0U);
        if (std::string(GetParam()) != "none" && supply < 1) {
            EXPECT_GT(result.corrected + result.detected, 0U);
        }
        for (const WordMismatch& mismatch : result.first) {
            ADD_FAILURE() << describe(mismatch, traffic.data);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Codecs, RtlWithCodec,
                         testing::Values("none", "parity", "parity-byte", "secded", "op-8", "op-16",
                                         "op-32", "op-64", "op-64-largest", "in-place-ecc"),
                         [](const auto& codec) {
                             std::string name = codec.param;
                             name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
                             return name;
                         });

TEST(RtlMemory, TakesARequestACycleAndAccountsForItsTime) {
    SimulationKernel kernel;
    RtlMemory memory(kernel, builtInBuffer("none"), settings("none"), 2000);
    std::vector<Word> words(memory.words());
    memory.write(0, words);
    memory.read(0, words);
    const MemoryActivity activity = memory.activity();
    EXPECT_GE(*activity.cycles, 2 * words.size());
    EXPECT_LE(*activity.cycles, 2 * words.size() + 8);
    EXPECT_EQ(*activity.time, *activity.cycles * 2000);
    ASSERT_EQ(activity.intervals.size(), 1U);
    EXPECT_EQ(activity.intervals[0].reads, words.size());
    EXPECT_NEAR(*activity.intervals[0].dynamicJ, static_cast<double>(words.size()) * 3, 1e-9);
    EXPECT_NEAR(*activity.intervals[0].leakageJ,
                static_cast<double>(*activity.time) * 1e-12 * 6 * 1e-5, 1e-18);
}

TEST(RtlMemory, OneFaultInEachBitOfACodedWordIsSeenWhereItIs) {
    // Every data and check bit of SECDED in turn flips: corrected wherever it is.
    SimulationKernel kernel;
    const CheckPlacement placement(kGeometry, *makeProtection("secded", 64));
    const std::uint64_t word = 70;
    // Chip n has a fault in bit n of the coded word.
    const auto chips = std::make_shared<test::MadeUpChips>(kGeometry, [&](std::uint32_t bit) {
        const CheckPlacement::Place check = placement.placeOf(word);
        const std::uint64_t failing = bit < 64
                                          ? kGeometry.cellOfBit(word, bit)
                                          : kGeometry.cellOfBit(check.word, check.shift + bit - 64);
        const FaultyCell cell{static_cast<std::uint32_t>(failing), 1.F, 1.F, 1.F};
        return FaultOverlay(kGeometry, Span<const FaultyCell>(&cell, 1));
    });
    RtlMemory memory(kernel, builtInBuffer("secded"), settings("secded", chips));
    const Word content = 0x0123456789ABCDEF;
    for (std::uint32_t bit = 0; bit < 72; ++bit) {
        memory.insert({0, bit, 0});
        memory.setSupply(0.9);
        memory.write(word, Span<const Word>(&content, 1));
        Word read = 0;
        WordStatus status = WordStatus::kClean;
        memory.read(word, Span<Word>(&read, 1), Span<WordStatus>(&status, 1));
        EXPECT_EQ(read, content) << bit;
        EXPECT_EQ(status, WordStatus::kCorrected) << bit;
    }
}

TEST(RtlMemory, MiscorrectsTheSameTripleErrorsAsTheCodec) {
    // 10^5 patterns of three errors over the 72 bits, one a word and load, as flips.
    SimulationKernel kernel;
    const SramGeometry chip{36, 512, 64, 1};  // 32 data arrays
    const auto codec = makeProtection("secded", 64);
    const CheckPlacement placement(chip, *codec);
    RandomStream random(3, RandomDomain::kTraffic, 0, 0);
    std::vector<CodedWord> patterns;
    const auto chips = std::make_shared<test::MadeUpChips>(chip, [&](std::uint32_t) {
        patterns.clear();
        std::vector<FaultyCell> cells;
        for (std::uint64_t word = 0; word < placement.dataGeometry().words(); ++word) {
            CodedWord pattern;
            for (int errors = 0; errors < 3;) {
                const auto bit = static_cast<std::uint32_t>(random.next() % 72);
                const CheckPlacement::Place check = placement.placeOf(word);
                const Word dataBit = bit < 64 ? Word{1} << bit : 0;
                const auto checkBit = static_cast<std::uint8_t>(bit < 64 ? 0 : 1U << (bit - 64));
                if ((pattern.data & dataBit) != 0 || (pattern.check & checkBit) != 0) continue;
                pattern.data |= dataBit;
                pattern.check |= checkBit;
                ++errors;
                cells.push_back({static_cast<std::uint32_t>(
                                     bit < 64 ? chip.cellOfBit(word, bit)
                                              : chip.cellOfBit(check.word, check.shift + bit - 64)),
                                 1.F, 1.F, 1.F});
            }
            patterns.push_back(pattern);
        }
        return FaultOverlay(chip, cells);
    });
    RtlMemory memory(kernel, builtInBuffer("secded"), settings("secded", chips));
    const std::uint64_t words = memory.words();
    std::uint64_t tried = 0;
    std::uint64_t miscorrectedRtl = 0;
    std::uint64_t miscorrectedCodec = 0;
    for (double supply = 0.99; tried < 100'000; supply -= 0.01, tried += words) {
        std::vector<Word> content(words);
        for (Word& word : content) word = random.next();
        memory.setSupply(supply);
        memory.write(0, content);
        std::vector<Word> read(words);
        std::vector<WordStatus> statuses(words);
        memory.read(0, read, statuses);
        for (std::uint64_t i = 0; i < words; ++i) {
            const CodedWord stored = codec->encode(content[i]);
            const DecodedWord expected =
                codec->decode({stored.data ^ patterns[i].data,
                               static_cast<std::uint8_t>(stored.check ^ patterns[i].check)});
            ASSERT_EQ(read[i], expected.data);
            ASSERT_EQ(statuses[i], expected.status);
            miscorrectedRtl += statuses[i] == WordStatus::kCorrected && read[i] != content[i];
            miscorrectedCodec +=
                expected.status == WordStatus::kCorrected && expected.data != content[i];
        }
    }
    EXPECT_EQ(miscorrectedRtl, miscorrectedCodec);
    // Not a rarity: most triple errors look like a single one.
    EXPECT_GT(miscorrectedRtl, tried / 2);
}

TEST(RtlMemory, RefusesChipsThatDoNotFitInOneLine) {
    const auto complaint = [](const SramGeometry& chip) -> std::string {
        try {
            checkFits(builtInBuffer("none"), chip, *makeProtection("none", chip.wordBits()),
                      "chip.h5");
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(complaint({32, 512, 64, 1}), "");
    EXPECT_EQ(complaint({32, 256, 128, 2}), "");  // 512 words of 64 bits an array
    EXPECT_THAT(complaint({33, 512, 64, 1}), HasSubstr("at most 32 data arrays"));
    EXPECT_THAT(complaint({1, 1024, 64, 1}), HasSubstr("at most 512 words an array"));
    EXPECT_THAT(complaint({1, 512, 128, 2}), HasSubstr("at most 512 words an array"));
    EXPECT_THAT(complaint({1, 512, 32, 1}), HasSubstr("words of 64 bits"));
}

}  // namespace
}  // namespace brownout
