#include "profiles/import/csv_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/import/collected.h"

namespace brownout::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

ImportOptions csv() {
    ImportOptions options;
    options.format = ImportFormat::kCsv;
    options.reads = 100;
    options.map.arrays = 2;
    options.map.rows = 4;
    options.map.columns = 8;
    return options;
}

CountsPlace placeOf(std::uint32_t chip, std::uint32_t array, std::uint32_t voltage,
                    FailDirection direction) {
    CountsPlace place;
    place.chip = chip;
    place.array = array;
    place.voltage = voltage;
    place.direction = direction;
    return place;
}

const std::string kHeader = "chip,array,voltage,row,column,expected,observed,fails,reads\n";

TEST(CsvLog, CountsWhatTheLinesSay) {
    const Collected got = importTexts({{"log.csv", kHeader + "B7,1,0.58V,3,7,1,0,42,100\n"
                                                             "B7,1,580mV,3,7,0,1,1,100\n"
                                                             "A1,0,0.6,0,0,1,0,100,100\n"
                                                             "B7,1,0.58,3,7,1,0,8,100\n"}},
                                      csv());
    EXPECT_EQ(got.geometry, (SramGeometry{2, 4, 8, 1}));
    EXPECT_EQ(got.chips, 2U);
    EXPECT_THAT(got.conditions.voltages, testing::ElementsAre(0.58, 0.6));
    // Chips are numbered by their names: A1 is 0.
    EXPECT_EQ(got.at(placeOf(1, 1, 0, FailDirection::k10), 3, 7), 50U);
    EXPECT_EQ(got.at(placeOf(1, 1, 0, FailDirection::k01), 3, 7), 1U);
    EXPECT_EQ(got.at(placeOf(0, 0, 1, FailDirection::k10), 0, 0), 100U);
    // All cells of a condition that is named were read; A1 was never read at 0.58 V.
    EXPECT_EQ(got.at(placeOf(1, 0, 0, FailDirection::k10), 2, 2), 0U);
    EXPECT_EQ(got.at(placeOf(0, 0, 0, FailDirection::k10), 0, 0), kNotMeasured);
    EXPECT_EQ(got.mostTrials, 100U);
}

TEST(CsvLog, TakesOtherNamesDelimitersQuotesCommentsAndLineEnds) {
    ImportOptions options = csv();
    options.delimiter = ';';
    options.columns = {{"chip", "die"}, {"voltage", "vdd [V]"}, {"address", "addr"}};
    const Collected got = importTexts({{"log.csv",
                                        "\xEF\xBB\xBF# lot 7\r\n\r\n"
                                        "\"die\";addr; \"vdd [V]\" ;bit;expected;remark\r\n"
                                        "\"a \"\"b\"\"\"; 0x5 ;0.58;\t2;1;\"x;y\"\r\n"
                                        " # done\r\n"}},
                                      options);
    EXPECT_EQ(got.at(placeOf(0, 1, 0, FailDirection::k10), 1, 2), 1U);
}

TEST(CsvLog, WholeWordsTellBitsAndDirections) {
    const Collected got =
        importTexts({{"log-0.5V.csv", "address,expected,observed,fails\n6,0xF0,0x71,3\n"}}, csv());
    EXPECT_EQ(got.at(placeOf(0, 1, 0, FailDirection::k10), 2, 7), 3U);
    EXPECT_EQ(got.at(placeOf(0, 1, 0, FailDirection::k01), 2, 0), 3U);
    EXPECT_EQ(got.failing(0, FailDirection::k10) + got.failing(0, FailDirection::k01), 2U);
}

TEST(CsvLog, WithoutExpectedAndObservedTheDirectionIsUnknown) {
    const Collected got = importTexts({{"0.5V.csv", "row,bit\n1,2\n"}}, csv());
    EXPECT_EQ(got.at(placeOf(0, 0, 0, FailDirection::kUnknown), 1, 2), 1U);
    EXPECT_EQ(got.at(placeOf(0, 0, 0, FailDirection::k10), 1, 2), kNotMeasured);
}

TEST(CsvLog, ADirectionThatNeverFailsWasNotLookedForUnlessOneSaysSo) {
    const Texts texts{{"0.5V.csv", "row,bit,expected\n1,2,1\n"}};
    ImportNotes notes;
    EXPECT_EQ(importTexts(texts, csv(), &notes).at(placeOf(0, 0, 0, FailDirection::k01), 0, 0),
              kNotMeasured);
    ASSERT_EQ(notes.lines.size(), 1U);
    EXPECT_THAT(notes.lines[0], HasSubstr("no read fails 0->1"));
    ImportOptions options = csv();
    options.directions = LoggedDirections::kBoth;
    EXPECT_EQ(importTexts(texts, options).at(placeOf(0, 0, 0, FailDirection::k01), 0, 0), 0U);
    options.directions = LoggedDirections::k01;
    EXPECT_THAT(errorOf(texts, options), HasSubstr("--directions"));
}

TEST(CsvLog, VoltagesWithoutFailsCanBeNamed) {
    ImportOptions options = csv();
    options.alsoMeasured = {0.61, 0.6};
    const Collected got =
        importTexts({{"0.5V.csv", "chip,row,bit,expected\na,1,2,1\nb,1,2,1\n"}}, options);
    EXPECT_THAT(got.conditions.voltages, testing::ElementsAre(0.5, 0.6, 0.61));
    EXPECT_EQ(got.at(placeOf(1, 1, 2, FailDirection::k10), 3, 3), 0U);
    // A log of a chip that never fails has no line at all.
    const Collected good = importTexts({{"0.5V.csv", "row,bit\n"}}, options);
    EXPECT_THAT(good.conditions.voltages, testing::ElementsAre(0.6, 0.61));
    // And a line with 0 fails names a condition too.
    const Collected zero = importTexts({{"0.5V.csv", "row,bit,expected,fails\n1,1,1,0\n"}}, csv());
    EXPECT_EQ(zero.at(placeOf(0, 0, 0, FailDirection::k10), 1, 1), 0U);
}

TEST(CsvLog, TemperaturesAndPatternsAreConditions) {
    const Collected got = importTexts({{"0.5V.csv",
                                        "temperature,pattern,row,bit,expected\n"
                                        "85,checker,1,2,1\n-40 C,ones,1,2,1\n"}},
                                      csv());
    EXPECT_THAT(got.conditions.temperaturesC, testing::ElementsAre(-40, 85));
    EXPECT_THAT(got.conditions.patterns, testing::ElementsAre("checker", "ones"));
    // 85 C with ones was read too: nothing failed.
    CountsPlace place = placeOf(0, 0, 0, FailDirection::k10);
    place.temperature = 1;
    place.pattern = 1;
    EXPECT_EQ(got.at(place, 1, 2), 0U);
}

TEST(CsvLog, GoesThroughTheMap) {
    ImportOptions options = csv();
    options.map.complementColumns.odd = true;
    options.map.bitOrder = {1, 0, 2, 3, 4, 5, 6, 7};
    const Collected got =
        importTexts({{"0.5V.csv", "array,address,bit,expected\n0,1,0,1\n"}}, options);
    EXPECT_EQ(got.at(placeOf(0, 0, 0, FailDirection::k01), 1, 1), 1U);
}

TEST(CsvLog, SuppliesThatDifferByNoiseAreOneMeasurement) {
    // numpy.arange(0.5, 0.7, 0.02) has 0.5800000000000001 and 0.6000000000000001.
    const Collected got = importTexts({{"log.csv",
                                        "voltage,row,bit,expected,fails\n"
                                        "0.6000000000000001,1,2,1,3\n0.6,1,3,1,4\n"
                                        "0.5800000000000001,0,0,1,5\n0.59999999999,1,2,1,6\n"}},
                                      csv());
    EXPECT_THAT(got.conditions.voltages, testing::ElementsAre(0.58, 0.6));
    EXPECT_EQ(got.at(placeOf(0, 0, 1, FailDirection::k10), 1, 2), 9U);
    EXPECT_EQ(got.at(placeOf(0, 0, 1, FailDirection::k10), 1, 3), 4U);
    ImportOptions options = csv();
    options.alsoMeasured = {0.6000000000000001};
    const Collected also = importTexts({{"0.6V.csv", "row,bit,expected\n1,2,1\n"}}, options);
    EXPECT_THAT(also.conditions.voltages, testing::ElementsAre(0.6));
}

TEST(CsvLog, AddressesMayBeHexadecimalWithout0x) {
    ImportOptions options = csv();
    options.map.rows = 64;
    const std::string text = "address,bit,expected\n1F,5,1\n0x20,5,1\n10,5,1\n";
    EXPECT_THAT(errorOf({{"0.5V.csv", text}}, options),
                HasSubstr("address '1F'; expected a whole number (--address-base 16"));
    options.addressBase = 16;
    const Collected got = importTexts({{"0.5V.csv", text}}, options);
    for (const std::uint32_t row : {0x1FU, 0x20U, 0x10U}) {
        EXPECT_EQ(got.at(placeOf(0, 0, 0, FailDirection::k10), row, 5), 1U) << row;
    }
}

TEST(CsvLog, NumbersMayHaveADecimalComma) {
    ImportOptions options = csv();
    options.decimal = ',';
    options.delimiter = ';';
    const Collected got = importTexts(
        {{"log.csv", "voltage;temperature;row;bit;expected\n0,58;25,5;1;2;1\n580mV;25,5;1;3;1\n"}},
        options);
    EXPECT_THAT(got.conditions.voltages, testing::ElementsAre(0.58));
    EXPECT_THAT(got.conditions.temperaturesC, testing::ElementsAre(25.5));
    EXPECT_THAT(errorOf({{"log.csv", "voltage;row;bit\n0.58;1;2\n"}}, options),
                HasSubstr("voltage '0.58'"));
}

std::string lineError(const std::string& text, const ImportOptions& options = csv()) {
    return errorOf({{"log-0.5V.csv", text}}, options);
}

TEST(CsvLogErrors, NameTheFileTheLineAndWhatWasExpected) {
    EXPECT_THAT(lineError(""), HasSubstr("log-0.5V.csv: is empty"));
    EXPECT_THAT(lineError("# only\n"), HasSubstr("is empty"));
    EXPECT_THAT(lineError("place,bit\n1,2\n"),
                AllOf(HasSubstr("log-0.5V.csv:1: has no column 'address' or 'row'"),
                      HasSubstr("'place', 'bit'")));
    EXPECT_THAT(lineError("row\n"), HasSubstr("has no column 'column' or 'bit'"));
    EXPECT_THAT(lineError("address\n"), HasSubstr("whole words"));
    EXPECT_THAT(lineError("address,row,bit\n"), HasSubstr("both an address and a row"));
    EXPECT_THAT(lineError("row,bit,bit\n"), HasSubstr("two columns are called 'bit'"));
    EXPECT_THAT(lineError("row,bit\n1\n"), HasSubstr(":2: has 1 fields; expected 2"));
    EXPECT_THAT(lineError("row,bit\n1,x\n"), HasSubstr(":2: bit 'x'; expected a whole number"));
    EXPECT_THAT(lineError("row,bit\n1,-1\n"), HasSubstr("bit '-1'"));
    EXPECT_THAT(lineError("row,bit\n1,8\n"), HasSubstr("column 8; expected less than 8"));
    EXPECT_THAT(lineError("array,row,bit\n0,4,0\n"), HasSubstr("row 4; expected less than 4"));
    EXPECT_THAT(lineError("array,row,bit\n2,0,0\n"),
                HasSubstr("array 2; expected less than 2 (--arrays N"));
    EXPECT_THAT(lineError("row,bit\n99999999999999999999,0\n"), HasSubstr("row '9999"));
    EXPECT_THAT(lineError("address,bit\n0,8\n"), HasSubstr("bit 8; expected less than 8"));
    EXPECT_THAT(lineError("array,address,bit\n0,4,0\n"), HasSubstr("address 4"));
    EXPECT_THAT(lineError("row,bit,fails\n1,2,101\n"),
                HasSubstr(":2: 101 fails of 100 reads; expected no more fails than reads"));
    EXPECT_THAT(
        lineError("row,bit,fails\n1,2,60\n1,2,60\n"),
        AllOf(HasSubstr("row 1, column 2"), HasSubstr("120 failing reads"), HasSubstr("of 100")));
    EXPECT_THAT(lineError("row,bit,reads\n1,2,100\n1,3,50\n"),
                HasSubstr(":3: 50 reads; expected 100"));
    EXPECT_THAT(lineError("row,bit,reads\n1,2,0\n"), HasSubstr("reads '0'; expected at least 1"));
    EXPECT_THAT(lineError("row,bit,expected,observed\n1,2,1,1\n"), HasSubstr("both 1"));
    EXPECT_THAT(lineError("row,bit,expected\n1,2,2\n"), HasSubstr("up to 1"));
    EXPECT_THAT(lineError("address,expected,observed\n1,7,7\n"), HasSubstr("both 7"));
    EXPECT_THAT(lineError("address,expected,observed\n1,256,7\n"), HasSubstr("up to 255"));
    EXPECT_THAT(lineError("voltage,row,bit\nhigh,1,2\n"), HasSubstr("voltage 'high'"));
    EXPECT_THAT(lineError("voltage,row,bit\n580,1,2\n"),
                HasSubstr("log-0.5V.csv:2: 580 volts? write 580mV or 0.58V"));
    EXPECT_THAT(lineError("voltage,row,bit\n-0.5,1,2\n"), HasSubstr("voltage '-0.5'"));
    EXPECT_THAT(lineError("temperature,row,bit\nnan,1,2\n"), HasSubstr("temperature 'nan'"));
    EXPECT_THAT(lineError("pattern,row,bit\n,1,2\n"), HasSubstr("pattern ''"));
    EXPECT_THAT(lineError("chip,row,bit\n,1,2\n"), HasSubstr("chip ''"));
    EXPECT_THAT(lineError("row,bit\n\"1,2\n"), HasSubstr(":2: a quotation mark"));
    EXPECT_THAT(lineError("row,bit\n\"1\"x,2\n"), HasSubstr("a quotation mark"));
    EXPECT_THAT(lineError(std::string("row,bit\n1,\0", 11) + "2\n"), HasSubstr(":2: holds a zero"));
    EXPECT_THAT(lineError("row,bit\n" + std::string(5 << 20, '1')), HasSubstr(":2: the line is"));
    EXPECT_THAT(lineError("row,bit\n"), HasSubstr("name no measurement"));
    EXPECT_THAT(errorOf({{"log.csv", "row,bit\n1,2\n"}}, csv()), HasSubstr("no voltage"));
}

TEST(CsvLogErrors, MissingOptionsAreNamed) {
    ImportOptions options = csv();
    options.reads.reset();
    EXPECT_THAT(lineError("row,bit\n1,2\n", options), HasSubstr("--reads"));
    options = csv();
    options.columns = {{"chip", "die"}};
    EXPECT_THAT(lineError("row,bit\n1,2\n", options), HasSubstr("has no column 'die' (for chip)"));
    options.columns = {{"dice", "die"}};
    EXPECT_THAT(lineError("row,bit\n1,2\n", options), HasSubstr("--columns: 'dice'"));
    options = csv();
    options.map.rows.reset();
    EXPECT_THAT(lineError("row,bit\n1,2\n", options), HasSubstr("number of rows"));
}

}  // namespace
}  // namespace brownout::test
