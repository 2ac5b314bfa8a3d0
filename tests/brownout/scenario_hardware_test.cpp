// Scenarios with simulated hardware: a table from a BIST, and the controller against SystemC.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

using nlohmann::json;

json scenarioOf(const std::string& trace, const std::vector<std::string>& more) {
    std::vector<std::string> all{"scenario",
                                 "-t",
                                 trace,
                                 "-m",
                                 zoo("rquant"),
                                 "-d",
                                 "fashion-mnist",
                                 "--images",
                                 "32",
                                 "-p",
                                 source("profiles/14nm.h5"),
                                 "--chips",
                                 "1",
                                 "--json",
                                 "--quiet"};
    all.insert(all.end(), more.begin(), more.end());
    const RunResult result = run(all);
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out);
}

TEST(ScenarioHardware, ATableFromABistIsThatOfTheSelfTestOnItsSupplies) {
    const TemporaryFolder folder;
    writeAtomically(folder / "t.csv", "time_s\n0\n3\n");
    const RunResult bist = run({"bist", "-p", source("profiles/14nm.h5"), "-v", "1:0.88:0.02",
                                "--target", "systemc", "-o", folder / "measured.h5", "--quiet"});
    ASSERT_EQ(bist.status, 0) << bist.err;
    const std::vector<std::string> table{"--policy", "table", "--step", "0.02", "--ber", "1e-4"};
    const json tested = scenarioOf(folder / "t.csv", table);
    std::vector<std::string> from = table;
    from.insert(from.end(), {"--table", folder / "measured.h5"});
    const json measured = scenarioOf(folder / "t.csv", from);
    EXPECT_EQ(tested["time"], measured["time"]);
    EXPECT_LT(measured["time"][2]["supply"]["mean"], 0.95);

    // The measurement as the chips: the regulator gives the supplies that were measured.
    const RunResult chips =
        run({"scenario", "-t", folder / "t.csv", "--policy", "table", "-m", zoo("rquant"), "-d",
             "fashion-mnist", "--images", "32", "-p", folder / "measured.h5", "--json", "--quiet"});
    ASSERT_EQ(chips.status, 0) << chips.err;
    EXPECT_EQ(json::parse(chips.out)["time"], measured["time"]);
}

TEST(ScenarioHardware, TheSystemCMemoryGivesTheSameScenario) {
    const TemporaryFolder folder;
    writeAtomically(folder / "t.csv", "time_s\n0\n30\n");
    const std::vector<std::string> ecc{"--policy", "ecc",      "--protection",
                                       "secded",   "--budget", "2"};
    const json functional = scenarioOf(folder / "t.csv", ecc);
    std::vector<std::string> simulated = ecc;
    simulated.insert(simulated.end(), {"--memory", "systemc"});
    const json systemc = scenarioOf(folder / "t.csv", simulated);
    EXPECT_EQ(functional["time"], systemc["time"]);
    EXPECT_EQ(functional["chips"], systemc["chips"]);
    EXPECT_EQ(systemc["scenario"]["memory"], "systemc");
}

}  // namespace
}  // namespace brownout::test
