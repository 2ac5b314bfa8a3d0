#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/brownout/program.h"

// Memories that fail beside that of weights, supplies of their own, and the optimiser, end to end:
// what is printed can be run again, results are the same after a resume, and one line for what
// can't be.

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::vector<std::string> with(std::vector<std::string> command,
                              const std::vector<std::string>& more) {
    command.insert(command.end(), {"-m", zoo("rquant"), "-d", "fashion-mnist", "--images", "100",
                                   "-p", source("profiles/14nm.h5"), "--quiet"});
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

json jsonOf(const std::vector<std::string>& arguments) {
    const RunResult result = run(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out);
}

TEST(FailingMemories, AreRowsOfOneCampaignThatGoesOn) {
    const TemporaryFolder folder;
    const std::vector<std::string> command =
        with({"sweep"}, {"-v", "0.9", "--chips", "2", "--accelerator", "edge-16x16", "--fail",
                         "weights,activations", "--calibrate", "8", "--supply", "activations=0.875",
                         "--no-report", "--json", "--out", folder / "out"});
    const json found = jsonOf(command);
    ASSERT_EQ(found["points"].size(), 2U);
    const json& weights = found["points"][0];
    const json& activations = found["points"][1];
    EXPECT_EQ(weights["network"], "fashion-rquant+weights");
    EXPECT_FALSE(weights.contains("activations"));
    EXPECT_EQ(activations["fail"], "activations");
    EXPECT_EQ(activations["bits"]["wrong"], 0);
    EXPECT_GT(activations["activations"]["bits"]["wrong"], 0);
    // 0.129 % of the cells fail at 0.875 Vmin, and all of those flip.
    EXPECT_NEAR(activations["activations"]["ber_observed"].get<double>(), 0.00129, 0.0005);
    EXPECT_EQ(weights["clean_error"], activations["clean_error"]);
    EXPECT_EQ(jsonOf(command), found) << "resumed";
    std::vector<std::string> other = command;
    std::replace(other.begin(), other.end(), std::string("8"), std::string("9"));
    EXPECT_THAT(run(other).err, HasSubstr("calibration_images"));
}

TEST(FailingMemories, PartialSumsHaveASupplyAndCountsOfTheirOwn) {
    const json found =
        jsonOf(with({"sweep"}, {"-v", "1", "--chips", "2", "--accelerator", "systolic-32x32",
                                "--fail", "weights,accumulators", "--calibrate", "8", "--supply",
                                "accumulators=0.9", "--json"}));
    const json& sums = found["points"][1];
    EXPECT_EQ(sums["fail"], "accumulators");
    EXPECT_FALSE(sums.contains("activations"));
    // 0.0239 % of the cells fail at 0.9 Vmin.
    EXPECT_NEAR(sums["accumulators"]["ber_observed"].get<double>(), 0.00024, 0.0001);
    EXPECT_EQ(found["points"][0]["error"]["mean"], found["points"][0]["clean_error"]);
    EXPECT_GT(sums["error"]["mean"], sums["clean_error"]);
    EXPECT_EQ(found["campaign"]["accumulators"]["memory"], "accumulators");
}

TEST(FailingMemories, AFixedSupplyOfWeightsIsThatOfThePoints) {
    const auto at = [](const std::vector<std::string>& supplies) {
        json point = jsonOf(with({"sweep"}, supplies))["points"][0];
        for (const char* name : {"point", "voltage", "voltage_v"}) point.erase(name);
        point["energy"].erase("memories");  // by supply domain, where there are some
        return point;
    };
    const std::vector<std::string> end = {"--chips", "2", "--json"};
    std::vector<std::string> fixed = {"-v", "1", "--supply", "weights=0.85"};
    std::vector<std::string> plain = {"-v", "0.85"};
    fixed.insert(fixed.end(), end.begin(), end.end());
    plain.insert(plain.end(), end.begin(), end.end());
    EXPECT_EQ(at(fixed), at(plain));
}

TEST(FailingMemories, ASearchForToleratedRatesCountsCellsOfWeights) {
    const RunResult result =
        run({"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist", "--images", "100", "--berzad",
             "--accelerator", "edge-16x16", "--fail", "accumulators", "--calibrate", "4"});
    EXPECT_NE(result.status, 0);
    EXPECT_THAT(result.err, HasSubstr("goes with weights that fail alone"));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
}

TEST(FailingMemories, OneLineForWhatCantBe) {
    const struct {
        std::vector<std::string> options;
        const char* line;
    } cases[] = {
        {{"--fail", "activations"}, "--fail: needs --accelerator"},
        {{"--accelerator", "edge-16x16", "--fail", "sums"}, "--fail: 'sums'; expected weights, "},
        {{"--accelerator", "edge-16x16", "--fail", "weights,weights"}, "appears twice"},
        {{"--accelerator", "edge-16x16", "--fail", "activations"}, "says nothing of the range of"},
        {{"--accelerator", "edge-16x16", "--calibrate", "4", "--calibrate-quantile", "2"},
         "--calibrate-quantile: expected"},
        {{"--accelerator", "edge-16x16", "--fail", "accumulators+weights", "--calibrate", "4"},
         "in this order"},
        {{"--ber", "1e-3", "--supply", "conv1=1"}, "give either --profile"},
        {{"--supply", "conv9=1"}, "'conv9' is no memory, supply domain or layer"},
        {{"--supply", "conv1"}, "expected NAME=VOLTAGE"},
        {{"--supply", "conv1=1,conv1=0.9"}, "appears twice"},
        {{"--supply", "conv1=2"}, "outside the profile"},
        {{"--supply", "rest=0.9", "-v", "1"}, "stands for --voltages"},
        {{"--supply", "conv1=1", "--offsets", "2"}, "--offsets: go with one supply"},
        {{"--supply", "conv1=1", "--interleave", "banks"}, "linear interleaving"},
        {{"--supply", "conv1=1", "--memory", "functional"}, "at one supply"},
    };
    for (const auto& each : cases) {
        const RunResult result = run(with({"sweep"}, each.options));
        EXPECT_NE(result.status, 0) << each.line;
        EXPECT_THAT(result.err, HasSubstr(each.line));
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    }
}

TEST(Optimize, PrintsACommandThatGivesWhatItSays) {
    const TemporaryFolder folder;
    const json found = jsonOf(with(
        {"optimize"}, {"--chips", "3", "--test-chips", "2", "--domains", "conv1+conv2,rest", "-v",
                       "1,0.9,0.85", "--accuracy-drop", "6", "--json", "--out", folder / "out"}));
    ASSERT_FALSE(found["best"].is_null());
    EXPECT_EQ(found["test"]["yield"]["chips"], 2);
    EXPECT_LT(found["search"]["trials"], found["search"]["trials_of_all"]);
    EXPECT_TRUE(std::filesystem::exists(folder / "out/optimize.html"));
    std::string command = found["best"]["command"];
    ASSERT_EQ(command.rfind("brownout sweep ", 0), 0U) << command;
    const RunResult again = shell(
        "\"$BROWNOUT\" " + command.substr(std::string("brownout ").size()) + " --json --quiet");
    ASSERT_EQ(again.status, 0) << again.err;
    const json point = json::parse(again.out)["points"][0];
    EXPECT_EQ(point["error"]["mean"], found["best"]["error"]["mean"]);
    EXPECT_NEAR(point["energy"]["per_inference_j"].get<double>(),
                found["best"]["energy"]["per_inference_j"].get<double>(), 1e-18);
    double last = 0;
    for (const json& setting : found["pareto"]) {
        EXPECT_GT(setting["energy"]["per_inference_j"], last);
        last = setting["energy"]["per_inference_j"];
    }
}

TEST(Optimize, PrintsEveryOptionThatMattersAndTheSupplyOfWhatNoDomainHas) {
    // The supplies are those of the profile, which tables show rounded: 22/24 is 0.9167 there. The
    // images are cut, and opportunistic parity has its LSB in the protection's name.
    const json found = jsonOf(
        with({"optimize"},
             {"--chips",      "2",          "--domains", "conv1",   "--accuracy-drop", "50",
              "--crop",       "28",         "--resize",  "28",      "--mean=-0.1",     "--bgr=no",
              "--protection", "none,op-64", "--op-lsb",  "largest", "--bit-order",     "msb-first",
              "--exact",      "--seed",     "3",         "--json"}));
    ASSERT_GE(found["pareto"].size(), 1U);
    for (const json& setting : found["pareto"]) {
        const std::string command = setting["command"];
        EXPECT_THAT(command, HasSubstr(" --exact"));
        EXPECT_THAT(command, HasSubstr(" --bit-order msb-first"));
        const RunResult again =
            shell("\"$BROWNOUT\" " + command.substr(std::string("brownout ").size()) +
                  " --json --quiet --threads 2");
        ASSERT_EQ(again.status, 0) << command << "\n" << again.err;
        const json points = json::parse(again.out)["points"];
        ASSERT_EQ(points.size(), 1U) << command;
        EXPECT_EQ(points[0]["error"]["mean"], setting["error"]["mean"]) << command;
        const double joules = setting["energy"]["per_inference_j"];
        EXPECT_NEAR(points[0]["energy"]["per_inference_j"].get<double>(), joules, 1e-12 * joules)
            << command;
    }
}

TEST(Optimize, OneLineForWhatCantBe) {
    const struct {
        std::vector<std::string> options;
        const char* line;
    } cases[] = {
        {{"--domains", "conv1,conv1"}, "--domains: 'conv1' appears twice"},
        {{"--domains", "conv1++fc"}, "an empty name"},
        {{"--domains", "nowhere"}, "'nowhere' is no memory"},
        {{"--yield", "1.5"}, "--yield: expected"},
        {{"--accuracy-drop", "0"}, "--accuracy-drop: expected"},
        {{"--chips", "60", "--test-chips", "60"}, "--chips: 60 to choose on and 60 to test on"},
        {{"--supply", "conv1=1"}, "is what optimize chooses"},
    };
    for (const auto& each : cases) {
        const RunResult result = run(with({"optimize"}, each.options));
        EXPECT_NE(result.status, 0) << each.line;
        EXPECT_THAT(result.err, HasSubstr(each.line));
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    }
}

}  // namespace
}  // namespace brownout::test
