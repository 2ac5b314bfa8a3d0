// Does 'scenario' put out what it counted, whole, the same for any number of threads, and one line
// for what is wrong?

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::vector<std::string> scenario(const std::string& trace, const std::string& policy,
                                  const std::vector<std::string>& more) {
    std::vector<std::string> all{"scenario",
                                 "-t",
                                 trace,
                                 "--policy",
                                 policy,
                                 "-m",
                                 zoo("rquant"),
                                 "-d",
                                 "fashion-mnist",
                                 "--images",
                                 "64",
                                 "-p",
                                 source("profiles/14nm.h5"),
                                 "--quiet"};
    if (std::count(more.begin(), more.end(), "--protection") == 0) {
        all.insert(all.end(), {"--protection", "secded"});
    }
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

const char kTrace[] = "time_s,load,rate_per_s\n0,1,200\n30,0.5,\n40,0,\n44.5,,\n";

TEST(ScenarioCommand, WritesTheSameFilesForAnyNumberOfThreads) {
    const TemporaryFolder folder;
    writeAtomically(folder / "t.csv", kTrace);
    for (const char* threads : {"1", "3"}) {
        const RunResult result =
            run(scenario(folder / "t.csv", "ecc",
                         {"--chips", "3", "--threads", threads, "--out", folder / threads}));
        ASSERT_EQ(result.status, 0) << result.err;
        EXPECT_THAT(result.out, HasSubstr("Energy saved against the guard band: "));
    }
    for (const char* file : {"/scenario.json", "/scenario.csv", "/scenario.html"}) {
        EXPECT_EQ(readFile(folder / (std::string("1") + file)),
                  readFile(folder / (std::string("3") + file)));
    }
    const std::string page = readFile(folder / "1/scenario.html");
    for (const char* said : {"supply, Vmin", "error, %", "power", "words corrected in a reading",
                             "words detected", "<svg", "guard band"}) {
        EXPECT_THAT(page, HasSubstr(said));
    }
    EXPECT_THAT(page, testing::Not(HasSubstr("°C")));  // the trace says nothing of temperatures
}

TEST(ScenarioCommand, JsonAndCsvSayTheSame) {
    const TemporaryFolder folder;
    writeAtomically(folder / "t.csv", kTrace);
    const RunResult result =
        run(scenario(folder / "t.csv", "ecc", {"--chips", "2", "--json", "--out", folder / "out"}));
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.out, readFile(folder / "out/scenario.json"));
    const json all = json::parse(result.out);
    EXPECT_EQ(all["scenario"]["policy"], json({{"name", "ecc"}, {"budget", 8}, {"patience", 10}}));
    ASSERT_EQ(all["time"].size(), 45U);  // 30 + 10 + 4 + the half at the end
    EXPECT_EQ(all["time"][44]["duration_s"], 0.5);
    EXPECT_TRUE(all["time"][44]["error"].is_null());
    EXPECT_EQ(all["time"][35]["inferences"], 100);

    std::istringstream csv(readFile(folder / "out/scenario.csv"));
    std::string line;
    std::getline(csv, line);
    double joules[2] = {0, 0};
    double corrected = 0;
    while (std::getline(csv, line)) {
        std::vector<std::string> fields;
        std::istringstream row(line);
        for (std::string field; std::getline(row, field, ',');) fields.push_back(field);
        ASSERT_EQ(fields.size(), 18U) << line;
        joules[std::stoi(fields[0])] += std::stod(fields[15]);
        if (fields[1] == "20") corrected += std::stod(fields[9]) / 2;
    }
    for (int chip = 0; chip < 2; ++chip) {
        const double total = all["chips"][chip]["energy"]["total_j"];
        EXPECT_NEAR(joules[chip], total, 1e-12 * total);
        const double saved = 1 - total / all["scenario"]["guard_band_j"].get<double>();
        EXPECT_NEAR(all["chips"][chip]["saving"], saved, 1e-12);
    }
    EXPECT_EQ(all["time"][20]["words"]["corrected"], corrected);
}

TEST(ScenarioCommand, WithAnAcceleratorTheEnergyIsThatOfItsAccount) {
    const TemporaryFolder folder;
    writeAtomically(folder / "t.csv", "time_s,rate_per_s\n0,10\n2,\n");
    const RunResult result = run(scenario(
        folder / "t.csv", "fixed",
        {"--chips", "1", "--json", "--protection", "none", "--accelerator", "systolic-32x32"}));
    ASSERT_EQ(result.status, 0) << result.err;
    const RunResult account = run({"account", "-m", zoo("rquant"), "-a", "systolic-32x32", "-p",
                                   "weights=" + source("profiles/14nm.h5"), "--json"});
    ASSERT_EQ(account.status, 0) << account.err;
    const json total = json::parse(account.out)["total"];
    double switched =
        total["compute"]["energy_j"].get<double>() - total["compute"]["leakage_j"].get<double>();
    double leaked = total["compute"]["leakage_j"].get<double>();
    for (const json& memory : total["memories"]) {
        switched += memory["dynamic_j"].get<double>();
        leaked += memory["leakage_j"].get<double>();
    }
    const json energy = json::parse(result.out)["chips"][0]["energy"];
    EXPECT_NEAR(energy["access_j"], 20 * switched, 1e-9 * switched);
    // It leaks for two seconds, not for the time of an inference.
    const double leakage = 2 * leaked / total["time_s"].get<double>();
    EXPECT_NEAR(energy["leakage_j"], leakage, 1e-9 * leakage);
    EXPECT_GT(leakage, 0);
}

TEST(ScenarioCommand, WrongUsesAreOneLine) {
    const TemporaryFolder folder;
    writeAtomically(folder / "t.csv", "time_s\n0\n5\n");
    writeAtomically(folder / "bad.csv", "time_s,load\n0,1\n5,2\n");
    const auto wrong = [&](const std::vector<std::string>& arguments, int status,
                           const std::string& said) {
        const RunResult result = run(arguments);
        EXPECT_EQ(result.status, status) << said;
        EXPECT_THAT(result.err, HasSubstr(said));
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    };
    const std::string trace = folder / "t.csv";
    wrong(scenario(folder / "bad.csv", "ecc", {}), 1, "bad.csv:3: load '2'; expected");
    wrong(scenario(folder / "none.csv", "ecc", {}), 1, "none.csv");
    wrong(scenario(trace, "magic", {}), 2, "--policy: 'magic'; expected fixed, table");
    wrong(scenario(trace, "ecc", {"--step", "0"}), 2, "--step: '0'; expected");
    wrong(scenario(trace, "ecc", {"--interval", "0"}), 2, "--interval: '0'; expected");
    wrong(scenario(trace, "ecc", {"--chips", "65"}), 2, "--chips: 65; ");
    wrong(scenario(trace, "ecc", {"--rail", "1e-6"}), 2, "--rail: needs supplies in volts");
    wrong(scenario(trace, "ecc", {"--slew", "0"}), 2, "--slew: '0'; expected a number from");
    wrong(scenario(trace, "ecc", {"--memory", "rtl"}), 2, "--memory: 'rtl'; expected functional");
    wrong(scenario(trace, "ecc", {"--guard-band", "0.5"}), 1, "guard band: supply 0.5");
    wrong(scenario(trace, "canary", {"--margin", "-1"}), 2, "--margin: '-1'");
    wrong(scenario(trace, "table", {"--table", source("profiles/14nm.h5")}), 1,
          "has no measurement");
    wrong({"scenario", "--policy", "ecc"}, 2, "--trace");
}

}  // namespace
}  // namespace brownout::test
