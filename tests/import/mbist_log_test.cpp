#include "profiles/import/mbist_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/import/collected.h"

namespace brownout::test {
namespace {

using testing::HasSubstr;

/// An entry as binary digits, bit 78 first: the reference beside the parser.
std::string binaryOf(const MbistEntry& entry) {
    std::string digits;
    for (int i = 10; i >= 0; --i) digits += (entry.address >> i & 1) != 0 ? '1' : '0';
    for (int i = 63; i >= 0; --i) digits += (entry.failing >> i & 1) != 0 ? '1' : '0';
    for (int i = 3; i >= 0; --i) digits += (entry.seed >> i & 1) != 0 ? '1' : '0';
    return digits;
}

std::string hexOf(const MbistEntry& entry) {
    const std::string binary = "0" + binaryOf(entry);
    std::string digits;
    for (std::size_t i = 0; i < 80; i += 4) {
        digits += "0123456789abcdef"[std::stoul(binary.substr(i, 4), nullptr, 2)];
    }
    return digits;
}

TEST(MbistEntry, IsAddressFailingBitsAndSeed) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 1000; ++i) {
        MbistEntry entry;
        entry.address = static_cast<std::uint32_t>(random() % 2048);
        entry.failing = random();
        entry.seed = static_cast<std::uint32_t>(random() % 16);
        for (const std::string& text :
             {binaryOf(entry), "0b" + binaryOf(entry), hexOf(entry), "0x" + hexOf(entry)}) {
            const auto got = parseMbistEntry(text);
            ASSERT_TRUE(got) << text;
            EXPECT_EQ(got->address, entry.address);
            EXPECT_EQ(got->failing, entry.failing);
            EXPECT_EQ(got->seed, entry.seed);
        }
    }
}

TEST(MbistEntry, OfAnotherLengthOrWithOtherDigitsIsNone) {
    for (const std::string& bad :
         {std::string(), std::string(19, '0'), std::string(21, '0'), std::string(78, '0'),
          std::string(80, '0'), std::string(79, '2'), std::string(19, '0') + "g",
          "8" + std::string(19, '0'), "0x" + std::string(79, '0'), "0b" + std::string(20, '0'),
          std::string("0x")}) {
        EXPECT_FALSE(parseMbistEntry(bad)) << bad;
    }
}

ImportOptions mbist() {
    ImportOptions options;
    options.format = ImportFormat::kArmMbist;
    options.reads = 2;
    options.map.arrays = 2;
    options.map.rows = 2048;
    options.fields = {"voltage", "array", "entry"};
    return options;
}

TEST(MbistLog, TheSeedSaysWhatWasStored) {
    // Seed 5 = 0101: bits 0, 2, 4, ... were written as 1.
    const MbistEntry entry{7, 0b11, 5};
    ImportOptions options = mbist();
    const Collected got = importTexts(
        {{"log.txt", "# voltage array entry\n0.6V, 1, 0x" + hexOf(entry) + "\n\n0.6V;1;" +
                         hexOf(entry) + "\r\n0.6V 0 " + binaryOf({9, 1, 0xA}) + "\n"}},
        options);
    EXPECT_EQ(got.geometry, (SramGeometry{2, 2048, 64, 1}));
    EXPECT_THAT(got.conditions.patterns, testing::ElementsAre("seed 5", "seed a"));
    CountsPlace p01, p10;
    p01.array = p10.array = 1;
    p10.direction = FailDirection::k10;
    EXPECT_EQ(got.at(p10, 7, 0), 2U);
    EXPECT_EQ(got.at(p01, 7, 1), 2U);
    // With seed 5, bit 1 never held a 1 and bit 0 never a 0.
    EXPECT_EQ(got.at(p10, 7, 1), kNotMeasured);
    EXPECT_EQ(got.at(p01, 7, 0), kNotMeasured);
    p01.array = 0;
    p01.pattern = 1;
    EXPECT_EQ(got.at(p01, 9, 0), 1U);
}

TEST(MbistLogErrors, NameTheLine) {
    const auto error = [](const std::string& text) {
        return errorOf({{"log.txt", text}}, mbist());
    };
    const std::string entry = hexOf({1, 1, 0});
    EXPECT_THAT(error("0.6V 0\n"), HasSubstr("log.txt:1: has 2 fields; expected 3"));
    EXPECT_THAT(error("0.6V 0 12345\n"), HasSubstr("entry '12345'; expected 20 hexadecimal"));
    EXPECT_THAT(error("high 0 " + entry), HasSubstr("voltage 'high'"));
    EXPECT_THAT(error("0.6V x " + entry), HasSubstr("array 'x'"));
    EXPECT_THAT(error("\n0.6V 2 " + entry), HasSubstr("array 2; expected less than 2"));
    const std::string three = "0.6V 0 " + entry + "\n";
    EXPECT_THAT(error(three + three + three), HasSubstr("3 failing reads"));
    EXPECT_THAT(error(""), HasSubstr("name no measurement"));
    ImportOptions options = mbist();
    options.map.rows = 1024;
    EXPECT_THAT(errorOf({{"log.txt", "0.6V 0 " + hexOf({1024, 1, 0})}}, options),
                HasSubstr("address 1024; expected less than 1024"));
    options.map.columns = 32;
    EXPECT_THAT(errorOf({{"log.txt", "0.6V 0 " + hexOf({1, std::uint64_t{1} << 32, 0})}}, options),
                HasSubstr("bit 32 fails; expected bits below 32"));
    options = mbist();
    options.fields = {"voltage"};
    EXPECT_THAT(errorOf({{"log.txt", ""}}, options), HasSubstr("--fields"));
    options.fields = {"entry", "entry"};
    EXPECT_THAT(errorOf({{"log.txt", ""}}, options), HasSubstr("--fields"));
    options.fields = {"entry"};
    EXPECT_THAT(errorOf({{"log.txt", entry}}, options), HasSubstr("no voltage"));
}

}  // namespace
}  // namespace brownout::test
