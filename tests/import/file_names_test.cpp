#include "profiles/import/file_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace brownout::test {
namespace {

using testing::HasSubstr;

TEST(FileNames, TellTheVoltageInTheWaysPeopleWriteIt) {
    const std::pair<const char*, double> names[] = {
        {"0.58V.hex", 0.58},
        {"580mV.txt", 0.58},
        {"0_58.hex", 0.58},
        {".58", 0.58},
        {"0,58V.hex", 0.58},
        {"707_0,58.hex", 0.58},
        {"vdd.58.txt", 0.58},
        {"VC707-0.60.bin", 0.6},
        {"VC707_0.60", 0.6},
        {"KC705B-0.53.bin", 0.53},
        {"dump_0v58_run3.npy", 0.58},
        {"dump_0p58_run3.npy", 0.58},
        {"chip7_600MV", 0.6},
        {"/data/0.7V/board-0.55v", 0.55},
        {"p01-0.58V.csv", 0.58},
        {"2024-05-12_0.58V.hex", 0.58},
        {"1.05V", 1.05},
        {"v1.2_580mV.hex", 0.58},
        {"0.58V_0.580V.hex", 0.58},
        {"fails_0.6.txt.gz", 0.6},
    };
    for (const auto& [name, voltage] : names) {
        EXPECT_THAT(voltagesInName(name), testing::ElementsAre(voltage)) << name;
    }
}

TEST(FileNames, ThatAreAmbiguousAreAnError) {
    for (const char* name : {"0.58V-0.60V.hex", "v1.2_0.58.hex"}) {
        try {
            voltageOfName(name, "");
            ADD_FAILURE() << name;
        } catch (const Error& error) {
            EXPECT_THAT(error.what(), HasSubstr("can be read as"));
        }
    }
    for (const char* name : {"dump.hex", "chip7.txt", "2024.05.12.hex", "0.000V.hex", "12345.hex",
                             "", ".", "v", "0V.hex", "a0x58.hex"}) {
        EXPECT_THROW(voltageOfName(name, ""), Error) << name;
    }
}

TEST(FileNames, APatternOfTheUsersWins) {
    EXPECT_DOUBLE_EQ(voltageOfName("v1.2_0.58.hex", "_([0-9.]+)\\.hex"), 0.58);
    EXPECT_DOUBLE_EQ(voltageOfName("run580mV.hex", "run([0-9]+mV)"), 0.58);
    EXPECT_THROW(voltageOfName("run580.hex", "run[0-9]+"), UsageError);
    EXPECT_THROW(voltageOfName("run580.hex", "run([0-9]+"), UsageError);
    EXPECT_THROW(voltageOfName("walk.hex", "run([0-9]+)"), Error);
}

TEST(FileNames, ThatLookLikeMillivoltsWithoutAUnitAreAskedAbout) {
    const auto error = [](const std::string& name, const std::string& pattern = "") {
        try {
            voltageOfName(name, pattern);
        } catch (const Error& problem) {
            return std::string(problem.what());
        }
        return std::string();
    };
    EXPECT_EQ(error("board-580.hex"),
              "board-580.hex: 580 volts? write 580mV or 0.58V, in the name or as --voltage "
              "FILE=580mV");
    EXPECT_THAT(error("run580.hex", "run([0-9]+)"), HasSubstr("580 volts? write 580mV or 0.58V"));
    // Boards, years and numbers of runs aren't.
    for (const char* name : {"KC705.hex", "2024-05-12.hex", "run-12.hex", "5.800.hex"}) {
        EXPECT_THAT(error(name), HasSubstr("no voltage in the file's name")) << name;
    }
}

TEST(FileNames, TellTheDirection) {
    EXPECT_EQ(directionInName("chip-p01-0.58V.txt"), FailDirection::k01);
    EXPECT_EQ(directionInName("0.58V_stuck-at-0.csv"), FailDirection::k10);
    EXPECT_EQ(directionInName("SA1_0.58V.csv"), FailDirection::k01);
    EXPECT_FALSE(directionInName("map.csv"));
    EXPECT_FALSE(directionInName("p01_and_p10.csv"));
}

TEST(Volts, AreReadWithAndWithoutUnit) {
    EXPECT_DOUBLE_EQ(parseVolts("0.58").value(), 0.58);
    EXPECT_DOUBLE_EQ(parseVolts("0.58V").value(), 0.58);
    EXPECT_DOUBLE_EQ(parseVolts("580mV").value(), 0.58);
    EXPECT_DOUBLE_EQ(parseVolts("580 mV").value(), 0.58);
    for (const char* bad : {"", "V", "mV", "0", "-0.5V", "nan", "inf", "1e999", "0.5Vmin", "0x1p-1",
                            "0,58", "0.58 0.6", "580", "1e3"}) {
        EXPECT_FALSE(parseVolts(bad)) << bad;
    }
    EXPECT_EQ(voltsProblem("580"), "580 volts? write 580mV or 0.58V");
    EXPECT_EQ(parseVolts("12V"), 12);
}

TEST(Volts, MayHaveADecimalComma) {
    EXPECT_EQ(parseVolts("0,58", ','), 0.58);
    EXPECT_EQ(parseVolts("0,58V", ','), 0.58);
    EXPECT_EQ(parseVolts("580,5 mV", ','), 0.5805);
    for (const char* bad : {"0.58", "1.000,5", "0,5,8", ",", "580", "580,5"}) {
        EXPECT_FALSE(parseVolts(bad, ',')) << bad;
    }
}

}  // namespace
}  // namespace brownout::test
