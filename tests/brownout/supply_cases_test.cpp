#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

// Supplies and texts as spreadsheets, editors and numpy.arange write them, from the file to the
// sweep.

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// Imports a file of a cell's fails in the geometry of all cases here; returns the run.
RunResult importCase(const std::string& format, const std::string& file, const std::string& out,
                     std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"profile", "import", "-f",        format, "--arrays", "1",
                                       "--rows",  "64",     "--columns", "16",   "-o",       out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(file);
    return run(arguments);
}

json infoOf(const std::string& profile) {
    return json::parse(run({"profile", "info", profile, "--json"}).out);
}

/// Sweeps a shipped network on images of noise; returns the points' failing cells.
json sweepPoints(const TemporaryFolder& folder, const std::string& profile,
                 std::vector<std::string> more) {
    std::vector<std::string> arguments{
        "sweep",   "-d", "fashion-mnist", "--model",   zoo("rquant"), "--images",  "20",
        "--chips", "1",  "--json",        "--profile", profile,       "--threads", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const RunResult result = run(arguments, folder.path());
    EXPECT_EQ(result.status, 0) << result.err;
    return result.status == 0 ? json::parse(result.out)["points"] : json::array();
}

class SharedCases : public testing::Test {
 protected:
    /// Returns the path of a case, or nothing where the folder of cases is absent.
    static std::optional<std::string> find(const std::string& name) {
        const std::string path = source("../shared/cases/" + name);
        if (std::filesystem::exists(path)) return path;
        return std::nullopt;
    }

    TemporaryFolder folder_;
};

#define FIND_CASE(variable, name)     \
    const auto variable = find(name); \
    if (!variable) GTEST_SKIP() << "../shared/cases/" << (name) << " isn't here"

TEST_F(SharedCases, VoltagesWithNoiseAreOneMeasurement) {
    FIND_CASE(log, "voltage_float_noise.csv");
    const RunResult result =
        importCase("csv", *log, folder_ / "chip.h5", {"--reads", "10", "--mux", "1"});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("1 measurements; failing reads 0 0->1, 6 1->0"));
    const json info = infoOf(folder_ / "chip.h5");
    ASSERT_EQ(info["voltages"].size(), 1U);
    EXPECT_EQ(info["voltages"][0]["voltage"], 0.6);
}

TEST_F(SharedCases, DecimalCommasAreReadWithAnOption) {
    FIND_CASE(log, "decimal_comma.csv");
    const RunResult refused = importCase("csv", *log, folder_ / "chip.h5", {"--reads", "10"});
    EXPECT_EQ(refused.status, 1);
    const RunResult result =
        importCase("csv", *log, folder_ / "chip.h5", {"--reads", "10", "--decimal", ","});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(infoOf(folder_ / "chip.h5")["voltages"][0]["voltage"], 0.58);
}

TEST_F(SharedCases, ByteOrderMarksAreSkipped) {
    FIND_CASE(bitmap, "bom-p10-0.58V.txt");
    FIND_CASE(map, "bom.yaml");
    const RunResult result = run({"profile", "import", "-f", "bitmap01", "--rows", "1", "--columns",
                                  "4", "-o", folder_ / "chip.h5", *bitmap});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("failing reads 0 0->1, 1 1->0"));
    writeAtomically(folder_ / "log-0.5V.csv", "row,bit,expected\n1,2,1\n");
    const RunResult mapped = run({"profile", "import", "-f", "csv", "--descramble", *map, "--reads",
                                  "4", "-o", folder_ / "mapped.h5", folder_ / "log-0.5V.csv"});
    ASSERT_EQ(mapped.status, 0) << mapped.err;
    EXPECT_THAT(mapped.err, HasSubstr("1 arrays of 64 x 16"));
}

class Supplies : public testing::Test {
 protected:
    void SetUp() override {
        std::ofstream log(folder_ / "log.csv");
        log << "row,bit,expected,voltage,fails\n";
        for (int row = 0; row < 512; ++row) {
            for (int bit = 0; bit < 64; bit += 2) {
                log << row << "," << bit << ",1," << (row % 2 != 0 ? "0.6" : "0.6000000000000001")
                    << ",4\n";
            }
        }
        log.close();
        const RunResult result =
            run({"profile", "import", "-f", "csv", "--reads", "4", "--arrays", "32", "--rows",
                 "512", "--columns", "64", "-o", folder_ / "chip.h5", "--also", "580mV,0.60000001",
                 folder_ / "log.csv"});
        ASSERT_EQ(result.status, 0) << result.err;
    }

    TemporaryFolder folder_;
};

TEST_F(Supplies, ThatDifferByNoiseAreOnePointOfASweep) {
    const double all = 512.0 * 32 / (32 * 512 * 64);
    for (const char* list : {"0.6V", "0.6000000000000001V", "600mV", "0.6V,0.6000000000000001V"}) {
        const json points = sweepPoints(folder_, folder_ / "chip.h5", {"-v", list});
        ASSERT_EQ(points.size(), 1U) << list;
        EXPECT_DOUBLE_EQ(points[0]["ber_expected"].get<double>(), all) << list;
    }
    const json points = sweepPoints(folder_, folder_ / "chip.h5", {"-v", "580mV:600mV:20mV"});
    ASSERT_EQ(points.size(), 2U);
    EXPECT_EQ(points[0]["voltage"], 0.58);
}

TEST_F(Supplies, OfAProfileThatTablesWouldCallTheSameKeepTheirDigits) {
    const json points = sweepPoints(folder_, folder_ / "chip.h5", {});
    ASSERT_EQ(points.size(), 3U);
    EXPECT_EQ(points[0]["voltage"], 0.60000001);
    EXPECT_EQ(points[1]["voltage"], 0.6);
    EXPECT_EQ(points[2]["voltage"], 0.58);
}

TEST_F(Supplies, InMillivoltsWithoutAUnitAreAskedAbout) {
    const RunResult result = run({"sweep", "-d", "fashion-mnist", "--model", zoo("rquant"),
                                  "--profile", folder_ / "chip.h5", "-v", "580"});
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.err, "brownout: --voltages: 580 volts? write 580mV or 0.58V\n");
}

TEST_F(Supplies, AndOtherOptionsMayStandBehindAByteOrderMark) {
    writeAtomically(folder_ / "sweep.cfg", "\xEF\xBB\xBFvoltages = 0.6V\n");
    EXPECT_EQ(sweepPoints(folder_, folder_ / "chip.h5", {"--config", folder_ / "sweep.cfg"}).size(),
              1U);
}

}  // namespace
}  // namespace brownout::test
