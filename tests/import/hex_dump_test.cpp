#include "profiles/import/hex_dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/import/collected.h"
#include "tests/import/synthetic_dump.h"

namespace brownout::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::map<double, std::uint32_t> kPlanted{{0.53, 2274}, {0.54, 690}, {0.55, 252}, {0.56, 62},
                                               {0.57, 26},   {0.58, 8},   {0.59, 2}};

Texts textsOf(const SyntheticDump& dump, const std::map<double, std::uint32_t>& voltages) {
    Texts texts;
    for (const auto& [voltage, count] : voltages) {
        texts.emplace_back("board-" + std::to_string(voltage) + ".hex", dump.text(voltage));
    }
    return texts;
}

TEST(HexDump, FindsEveryPlantedFaultAndNoOther) {
    SyntheticDump dump(890);
    dump.plantColumns(kPlanted, 0.9, 7);
    const Collected got = importTexts(textsOf(dump, kPlanted), {});
    EXPECT_EQ(got.geometry, (SramGeometry{890, 1024, 16, 1}));
    ASSERT_EQ(got.conditions.voltages.size(), 7U);
    std::uint32_t index = 0;
    for (const auto& [voltage, count] : kPlanted) {
        EXPECT_DOUBLE_EQ(got.conditions.voltages[index], voltage);
        EXPECT_EQ(got.failing(index, FailDirection::k10), count);
        ++index;
    }
    for (const PlantedFault& fault : dump.faults()) {
        CountsPlace place;
        place.array = fault.block;
        place.direction = FailDirection::k10;
        EXPECT_EQ(got.at(place, fault.address, fault.bit), 1U);
    }
}

TEST(HexDump, OnesInTheBackgroundMeanThatNobodyLookedFor0To1) {
    const Collected got = importTexts({{"0.6V", SyntheticDump(2).text(1)}}, {});
    CountsPlace place;
    place.direction = FailDirection::k01;
    EXPECT_EQ(got.at(place, 0, 0), kNotMeasured);
    place.direction = FailDirection::k10;
    EXPECT_EQ(got.at(place, 0, 0), 0U);
}

TEST(HexDump, AMixedBackgroundLooksAtEachBitInOneDirection) {
    ImportOptions options;
    options.wordsPerBlock = 4;
    options.background = 0xAAAA;
    const Collected got = importTexts({{"0.6V", "aaaaAAABaaa8aaaa"}}, options);
    CountsPlace p01, p10;
    p10.direction = FailDirection::k10;
    EXPECT_EQ(got.at(p01, 1, 0), 1U);
    EXPECT_EQ(got.at(p10, 1, 0), kNotMeasured);
    EXPECT_EQ(got.at(p10, 2, 1), 1U);
    EXPECT_EQ(got.at(p01, 2, 1), kNotMeasured);
    EXPECT_EQ(got.at(p10, 3, 1), 0U);
    EXPECT_EQ(got.failing(0, FailDirection::k01) + got.failing(0, FailDirection::k10), 2U);
}

TEST(HexDump, MirroredBytesCountOnce) {
    SyntheticDump dump(5, true);
    dump.plantColumns({{0.55, 40}}, 0.5, 3);
    const Texts texts{{"0.55V", dump.text(0.55)}};
    EXPECT_EQ(importTexts(texts, {}).failing(0, FailDirection::k10), 80U);
    ImportOptions options;
    options.dedupBytes = true;
    ImportNotes notes;
    const Collected got = importTexts(texts, options, &notes);
    EXPECT_EQ(got.geometry, (SramGeometry{5, 1024, 8, 1}));
    EXPECT_EQ(got.failing(0, FailDirection::k10), 40U);
    EXPECT_TRUE(notes.lines.empty());
}

TEST(HexDump, WordsWhoseBytesDifferAreReported) {
    ImportOptions options;
    options.dedupBytes = true;
    options.wordsPerBlock = 4;
    ImportNotes notes;
    importTexts({{"0.55V", "FEFEFEFFFFFEFFFF"}}, options, &notes);
    ASSERT_EQ(notes.lines.size(), 1U);
    EXPECT_THAT(notes.lines[0], HasSubstr("0.55V: 2 words whose halves differ"));
}

TEST(HexDump, AColumnMuxPutsNeighbouringWordsIntoOneRow) {
    ImportOptions options;
    options.map.columnMux = 2;
    SyntheticDump dump(1);
    dump.plant({0, 7, 5, 0.6});
    const Collected got = importTexts({{"0.6V", dump.text(0.6)}}, options);
    EXPECT_EQ(got.geometry, (SramGeometry{1, 512, 32, 2}));
    CountsPlace place;
    place.direction = FailDirection::k10;
    EXPECT_EQ(got.at(place, 3, 5 * 2 + 1), 1U);
    // As SramGeometry numbers the words.
    EXPECT_EQ(got.geometry.cellOfBit(7, 5), 3U * 32 + 11);
}

// The reference beside the fast scan: one digit after the other.
std::vector<std::pair<std::size_t, std::uint64_t>> slowScan(const std::string& text,
                                                            unsigned digits,
                                                            std::uint64_t background) {
    std::vector<std::pair<std::size_t, std::uint64_t>> words;
    for (std::size_t i = 0; i < text.size() / digits; ++i) {
        const std::uint64_t word = std::stoull(text.substr(i * digits, digits), nullptr, 16);
        if (word != background) words.emplace_back(i, word);
    }
    return words;
}

TEST(HexScanner, AgreesWithReadingDigitByDigit) {
    std::mt19937_64 random(11);
    for (int round = 0; round < 300; ++round) {
        const auto digits = static_cast<unsigned>(1 + random() % 16);
        const std::uint64_t mask =
            digits == 16 ? ~std::uint64_t{0} : (std::uint64_t{1} << 4 * digits) - 1;
        const std::uint64_t background = round % 3 == 0 ? mask : random() & mask;
        const std::size_t words = random() % 100;
        std::string text;
        for (std::size_t i = 0; i < words; ++i) {
            const std::uint64_t word = random() % 10 == 0 ? random() & mask : background;
            const char* alphabet = random() % 2 == 0 ? "0123456789abcdef" : "0123456789ABCDEF";
            for (unsigned d = digits; d-- > 0;) text += alphabet[word >> (4 * d) & 15];
        }
        std::vector<std::pair<std::size_t, std::uint64_t>> got;
        const HexScanner scanner(digits, background);
        EXPECT_EQ(
            scanner.scan(text.data(), words,
                         [&](std::size_t i, std::uint64_t word) { got.emplace_back(i, word); }),
            HexScanner::kGood);
        EXPECT_EQ(got, slowScan(text, digits, background));
        if (words == 0) continue;
        // A character that is none is found wherever it is, also one that differs in one bit.
        const std::size_t at = random() % text.size();
        text[at] = static_cast<char>(text[at] ^ (random() % 2 == 0 ? 0x40 : 0x80));
        const bool stillDigit = hexDigit(text[at]) >= 0;
        const std::size_t bad = scanner.scan(text.data(), words, [](auto, auto) {});
        EXPECT_EQ(bad, stillDigit ? HexScanner::kGood : at);
    }
}

ImportOptions small() {
    ImportOptions options;
    options.wordsPerBlock = 4;
    return options;
}

TEST(HexDumpErrors, NameTheFileAndTheByte) {
    EXPECT_THAT(errorOf({{"0.6V", "FFFFFFFFFFFFFFF"}}, small()),
                AllOf(HasSubstr("0.6V: byte 15"), HasSubstr("3 digits into a word")));
    EXPECT_THAT(errorOf({{"0.6V", "FFFFFFFFFFFF"}}, small()),
                AllOf(HasSubstr("0.6V: ends after 3 words"), HasSubstr("4 words")));
    EXPECT_THAT(errorOf({{"0.6V", "FFFFFFGFFFFFFFFF"}}, small()),
                AllOf(HasSubstr("0.6V: byte 6"), HasSubstr("'G'")));
    EXPECT_THAT(errorOf({{"0.6V", "FFFFFFFF\nFFFFFFFF"}}, small()),
                AllOf(HasSubstr("byte 8"), HasSubstr("\\x0a"), HasSubstr("line breaks")));
    EXPECT_THAT(errorOf({{"0.6V", ""}}, small()), HasSubstr("is empty"));
    EXPECT_THAT(errorOf({{"0.6V", std::string(64, '\0')}}, small()), HasSubstr("byte 0"));
    EXPECT_THAT(errorOf({{"dump.hex", "FFFFFFFFFFFFFFFF"}}, small()),
                AllOf(HasSubstr("dump.hex"), HasSubstr("no voltage")));
}

TEST(HexDumpErrors, FilesMustAgreeWithEachOtherAndTheGeometry) {
    const std::string block(16, 'F');
    EXPECT_THAT(errorOf({{"a-0.6V", block}, {"b-600mV", block}}, small()),
                AllOf(HasSubstr("b-600mV"), HasSubstr("a second file of 0.6 V")));
    EXPECT_THAT(
        errorOf({{"0.6V", block + block}, {"0.5V", block}}, small()),
        AllOf(HasSubstr("0.5V: holds 1 blocks"), HasSubstr("expected 2"), HasSubstr("0.6V")));
    ImportOptions options = small();
    options.map.arrays = 3;
    EXPECT_THAT(errorOf({{"0.6V", block}}, options), HasSubstr("expected 3"));
    options = small();
    options.map.rows = 3;
    EXPECT_THAT(errorOf({{"0.6V", block}}, options), HasSubstr("4 words a block don't fill"));
}

TEST(HexDump, OneLineBreakAtTheVeryEndIsNoneOfTheWords) {
    const std::string block(16, 'F');
    EXPECT_EQ(errorOf({{"0.6V", block + "\n"}}, small()), "");
    EXPECT_EQ(errorOf({{"0.6V", block + "\r\n"}}, small()), "");
    EXPECT_NE(errorOf({{"0.6V", block + "\n\n"}}, small()), "");
}

TEST(HexDump, MayBeginWithAByteOrderMark) {
    const std::string mark = "\xEF\xBB\xBF";
    const ImportOptions options = small();
    const Collected got = importTexts({{"a-0.5V", mark + "FFFFFFFEFFFFFFFF"}}, options);
    EXPECT_EQ(got.failing(0, FailDirection::k10), 1U);
    EXPECT_THAT(errorOf({{"a-0.5V", mark + "FFFFFFFGFFFFFFFF"}}, options), HasSubstr("byte 10"));
    EXPECT_THAT(errorOf({{"a-0.5V", mark}}, options), HasSubstr("is empty"));
    EXPECT_THAT(errorOf({{"a-0.5V", mark.substr(0, 2)}}, options), HasSubstr("byte 0"));
}

TEST(HexDump, OptionsThatDontGoTogetherAreRefused) {
    ImportOptions options;
    options.background = 0xFF00;
    options.dedupBytes = true;
    EXPECT_THAT(errorOf({{"0.6V", "FF00"}}, options), HasSubstr("--background"));
    options = {};
    options.reads = 5;
    EXPECT_THAT(errorOf({{"0.6V", "FF00"}}, options), HasSubstr("--reads: 5; expected 1"));
    options = {};
    options.wordBits = 18;
    EXPECT_THAT(errorOf({{"0.6V", "FF00"}}, options), HasSubstr("--word-bits"));
    options = {};
    options.background = 0x10000;
    EXPECT_THAT(errorOf({{"0.6V", "FF00"}}, options), HasSubstr("--background"));
}

}  // namespace
}  // namespace brownout::test
