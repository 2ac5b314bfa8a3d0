#include "profiles/import/bitmap_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/import/collected.h"

namespace brownout::test {
namespace {

using testing::HasSubstr;

ImportOptions bitmap(std::optional<std::uint32_t> reads) {
    ImportOptions options;
    options.format = ImportFormat::kBitmap01;
    options.reads = reads;
    options.map.rows = 2;
    options.map.columns = 4;
    return options;
}

CountsPlace placeOf(std::uint32_t array, FailDirection direction) {
    CountsPlace place;
    place.array = array;
    place.direction = direction;
    return place;
}

TEST(Bitmap, ProbabilitiesOfAHundredReadsAreCounts) {
    const Collected got =
        importTexts({{"p01-0.86V.csv", "0,0.01,0,0\n0,0,0,0\n1,0,0,0\n0,0,0,0.730\n"},
                     {"p10-0.86V.csv", "0,0,0,0\r\n0,0,.5,0\r\n0,0,0,0\r\n0,0,0,1e-2\r\n"}},
                    bitmap(100));
    EXPECT_EQ(got.geometry, (SramGeometry{2, 2, 4, 1}));
    EXPECT_EQ(got.at(placeOf(0, FailDirection::k01), 0, 1), 1U);
    EXPECT_EQ(got.at(placeOf(1, FailDirection::k01), 0, 0), 100U);
    EXPECT_EQ(got.at(placeOf(1, FailDirection::k01), 1, 3), 73U);
    EXPECT_EQ(got.at(placeOf(0, FailDirection::k10), 1, 2), 50U);
    EXPECT_EQ(got.at(placeOf(1, FailDirection::k10), 1, 3), 1U);
    EXPECT_EQ(got.failing(0, FailDirection::k01) + got.failing(0, FailDirection::k10), 5U);
}

TEST(Bitmap, StuckAtMapsAreFlags) {
    const Collected got = importTexts({{"0.8V-stuck-at-0.txt", "0,0,0,0\n0,0,1,0\n"},
                                       {"0.8V-stuck-at-1.txt", "1,0,0,0\n0,0,0,0\n"}},
                                      bitmap({}));
    EXPECT_EQ(got.at(placeOf(0, FailDirection::k10), 1, 2), 1U);
    EXPECT_EQ(got.at(placeOf(0, FailDirection::k01), 0, 0), 1U);
    EXPECT_EQ(got.mostTrials, 1U);
}

TEST(Bitmap, MayBeginWithAByteOrderMarkAndHaveADecimalComma) {
    ImportOptions options = bitmap(4);
    options.decimal = ',';
    options.delimiter = ';';
    const Collected got = importTexts({{"p01-0.8V.txt",
                                        "\xEF\xBB\xBF"
                                        "0;0,25;0;0\n0;0;0;1\n"}},
                                      options);
    EXPECT_EQ(got.at(placeOf(0, FailDirection::k01), 0, 1), 1U);
    EXPECT_EQ(got.at(placeOf(0, FailDirection::k01), 1, 3), 4U);
}

TEST(Bitmap, OneDirectionLeavesTheOtherUnmeasured) {
    const Collected got = importTexts({{"p01-0.8V.txt", "0,0,0,0\n0,0,1,0\n"}}, bitmap({}));
    EXPECT_EQ(got.at(placeOf(0, FailDirection::k10), 0, 0), kNotMeasured);
}

TEST(BitmapErrors, NameTheLineAndTheColumn) {
    const auto error = [](const std::string& text, std::optional<std::uint32_t> reads = 100) {
        return errorOf({{"p01-0.8V.txt", text}}, bitmap(reads));
    };
    EXPECT_THAT(error("0,0,0,0\n0,0,0\n"), HasSubstr("p01-0.8V.txt:2: has 3 numbers; expected 4"));
    EXPECT_THAT(error("0,0,0,0,0\n"), HasSubstr(":1: has more than 4 numbers"));
    EXPECT_THAT(error("0,0,0,0\n"), HasSubstr("has 1 rows; expected a multiple of 2"));
    EXPECT_THAT(error(""), HasSubstr("has 0 rows"));
    EXPECT_THAT(error("0,x,0,0\n"), HasSubstr(":1: column 1 is 'x'; expected a multiple of 1/100"));
    EXPECT_THAT(error("0,,0,0\n"), HasSubstr("column 1 is ''"));
    EXPECT_THAT(error("0,nan,0,0\n"), HasSubstr("column 1 is 'nan'"));
    EXPECT_THAT(error("0,1.5,0,0\n"), HasSubstr("column 1 is '1.5'"));
    EXPECT_THAT(error("0,-0.5,0,0\n"), HasSubstr("column 1 is '-0.5'"));
    EXPECT_THAT(error("0,0.005,0,0\n"), HasSubstr("column 1 is '0.005'"));
    EXPECT_THAT(error("0,0.5,0,0\n", {}), HasSubstr("expected 0 or 1"));
    EXPECT_THAT(error(std::string("\x89HDF\r\n\x1a\n\0\0", 10)), HasSubstr(":1: column 0 is"));
    EXPECT_THAT(error("0,0,0,0\n0,0,0,0\n0,0,0,0\n0,0,0,0\n") +
                    errorOf({{"p01-0.8V.txt", "0,0,0,0\n0,0,0,0\n"},
                             {"p10-0.8V.txt", "0,0,0,0\n0,0,0,0\n0,0,0,0\n0,0,0,0\n"}},
                            bitmap(100)),
                HasSubstr("p10-0.8V.txt: has 4 rows; expected 2"));
    EXPECT_THAT(errorOf({{"map-0.8V.txt", "0,0,0,0\n"}}, bitmap(100)), HasSubstr("--direction"));
    ImportOptions options = bitmap(100);
    options.map.rows.reset();
    EXPECT_THAT(errorOf({{"p01-0.8V.txt", "0,0,0,0\n"}}, options), HasSubstr("number of rows"));
}

}  // namespace
}  // namespace brownout::test
