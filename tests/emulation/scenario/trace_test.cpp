#include "emulation/scenario/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace brownout {
namespace {

using testing::HasSubstr;

Trace traceOf(const std::string& text) { return readTrace(*memoryInput("t.csv", text), 1000); }

std::string problemOf(const std::string& text) {
    try {
        traceOf(text);
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

TEST(Trace, RowsHoldUntilTheNextAndTheLastEndsIt) {
    const Trace trace = traceOf(
        "# a day\n\ntime_s,temperature_c,load,rate_per_s,supply_v\n"
        "0,25,0.5,200,0.6\n10,85,,,\n30,,1,,0.55\n40.5,,,,\n");
    ASSERT_EQ(trace.rows.size(), 3U);
    EXPECT_EQ(trace.rows[0].endS, 10);
    EXPECT_EQ(trace.rows[0].inferencesPerS(), 100);
    EXPECT_EQ(trace.rows[1].temperatureC, 85);
    EXPECT_EQ(trace.rows[1].load, 0.5) << "an empty field repeats the one above";
    EXPECT_EQ(trace.rows[1].supply->value, 0.6);
    EXPECT_EQ(trace.rows[2].supply->value, 0.55);
    EXPECT_EQ(trace.rows[2].supply->unit, VoltageUnit::kVolt);
    EXPECT_EQ(trace.rows[2].inferencesPerS(), 200);
    EXPECT_EQ(trace.endS(), 40.5);
}

TEST(Trace, OnlyTheTimeMustBeThere) {
    const Trace trace = traceOf("time_s\r\n0\r\n5\r\n");
    ASSERT_EQ(trace.rows.size(), 1U);
    EXPECT_EQ(trace.rows[0].inferencesPerS(), 1000);
    EXPECT_FALSE(trace.rows[0].supply);
    EXPECT_FALSE(trace.rows[0].temperatureC);
}

TEST(Trace, AnythingElseIsOneLineWithItsNumber) {
    EXPECT_THAT(problemOf(""), HasSubstr("t.csv: is empty"));
    EXPECT_THAT(problemOf("time_s\n0\n"), HasSubstr("has 1 row; expected at least two"));
    EXPECT_THAT(problemOf("# x\ntime,load\n0,1\n"), HasSubstr("t.csv:2: column 'time'"));
    EXPECT_THAT(problemOf("load\n1\n"), HasSubstr("t.csv:1: has no column 'time_s'"));
    EXPECT_THAT(problemOf("time_s,load,load\n"), HasSubstr("two columns are called 'load'"));
    EXPECT_THAT(problemOf("time_s,supply,supply_v\n"), HasSubstr("expected one of them"));
    EXPECT_THAT(problemOf("time_s\n1\n2\n"), HasSubstr("t.csv:2: time_s '1'; expected the first"));
    EXPECT_THAT(problemOf("time_s\n0\n5\n5\n"),
                HasSubstr("t.csv:4: time_s '5'; expected more than 5"));
    EXPECT_THAT(problemOf("time_s,load\n0,1.5\n1,\n"),
                HasSubstr("t.csv:2: load '1.5'; expected a share from 0 to 1"));
    EXPECT_THAT(problemOf("time_s,load\n0,many\n1,\n"), HasSubstr("t.csv:2: load 'many'"));
    EXPECT_THAT(problemOf("time_s,supply\n0,0\n1,\n"), HasSubstr("t.csv:2: supply '0'"));
    EXPECT_THAT(problemOf("time_s,load\n0\n1,1\n"), HasSubstr("t.csv:2: has 1 fields; expected 2"));
    EXPECT_THAT(problemOf("time_s,load\n,1\n1,1\n"), HasSubstr("t.csv:2: has no time_s"));
    EXPECT_THAT(problemOf("time_s,load\n0,\"1\n"), HasSubstr("quotation mark"));
}

}  // namespace
}  // namespace brownout
