#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

// Searches for the rates that networks stand, end to end: what is printed and kept, the same bytes
// after kills, and one line for what can't be.

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// A search that is over soon: few images, and a drop so large that 14 maps can show less.
std::vector<std::string> quickly(std::vector<std::string> command,
                                 const std::vector<std::string>& more) {
    command.insert(command.end(), {"-d", "fashion-mnist", "--images", "64", "--images-per-chip",
                                   "16", "--drop", "20", "--chips", "40", "--quiet"});
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

std::vector<std::string> sensitivity(const std::vector<std::string>& more) {
    return quickly({"sensitivity", "-m", zoo("rquant")}, more);
}

json jsonOf(const std::vector<std::string>& arguments) {
    const RunResult result = run(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out);
}

TEST(Sensitivity, TellsTheRateThatEachBitPositionStands) {
    const json found = jsonOf(sensitivity({"--json"}));
    ASSERT_EQ(found["rows"].size(), 8U);
    EXPECT_EQ(found["campaign"]["complete"], true);
    for (std::size_t i = 0; i < 8; ++i) {
        const json& row = found["rows"][i];
        EXPECT_EQ(row["network"], "fashion-rquant");
        EXPECT_EQ(row["format"], "rquant8");
        EXPECT_EQ(row["bit"], 7 - i);
        EXPECT_TRUE(row["layer"].is_null());
        EXPECT_EQ(row["cells"], 87546);
        EXPECT_GE(row["decisions"].size(), 1U);
        for (const json& decision : row["decisions"]) {
            EXPECT_EQ(decision["drop_is_small"], decision["upper_bound"].get<double>() <= 0.2);
            EXPECT_LE(decision["drop"], decision["upper_bound"]);
        }
        const auto all = [&](const char* key) {
            return std::all_of(row["decisions"].begin(), row["decisions"].end(),
                               [&](const json& decision) { return decision[key] == true; });
        };
        EXPECT_EQ(row["berzad_is_at_least"], all("no_drop"));
        EXPECT_EQ(row["berzad_d_is_at_least"], all("drop_is_small"));
        EXPECT_EQ(row["finished"], true);
    }
    // A position stands half of what the next one up does at the most.
    const json& top = found["rows"][0];
    const json& lowest = found["rows"][7];
    EXPECT_LT(top["berzad_d"].get<double>(), 0.1);
    EXPECT_EQ(lowest["berzad_d"], 0.5);
    EXPECT_EQ(lowest["berzad_d_is_at_least"], true);
}

TEST(Sensitivity, GoesByLayersAndByTheBitsOfEach) {
    const json layers = jsonOf(sensitivity({"--json", "--by", "layer"}))["rows"];
    std::uint64_t cells = 0;
    for (const json& row : layers) {
        EXPECT_TRUE(row["bit"].is_null());
        cells += row["cells"].get<std::uint64_t>();
    }
    EXPECT_EQ(cells, 87546U * 8);
    const json both = jsonOf(sensitivity({"--json", "--by", "bit,layer", "--bits", "2"}))["rows"];
    EXPECT_EQ(both.size(), 2 * layers.size());
    EXPECT_EQ(both[0]["layer"], layers[0]["layer"]);
    EXPECT_EQ(both[0]["bit"], 1);
    EXPECT_EQ(both[1]["bit"], 0);
}

TEST(Sensitivity, EndsWithTheSameBytesAfterAKillAndForAnyNumberOfThreads) {
    const TemporaryFolder whole;
    const auto into = [](const TemporaryFolder& folder, const char* threads) {
        return sensitivity({"--bits", "3", "--threads", threads, "--out", folder.path().string()});
    };
    const auto begin = std::chrono::steady_clock::now();
    const RunResult expected = run(into(whole, "1"));
    const auto duration = std::chrono::steady_clock::now() - begin;
    ASSERT_EQ(expected.status, 0) << expected.err;
    const TemporaryFolder folder;
    const pid_t child = start(into(folder, "2"));
    std::this_thread::sleep_for(duration * 0.4);
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    const RunResult resumed = run(into(folder, "2"));
    ASSERT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_EQ(resumed.out, expected.out);
    for (const char* name : {"sensitivity.json", "sensitivity.csv", "trials.csv"}) {
        EXPECT_EQ(readFile(folder / name), readFile(whole / name)) << name;
    }
    // A chip sees the same images at every rate and for every part, and other chips see others.
    std::map<std::string, std::set<std::string>> cleanOfChip;
    std::set<std::string> cleans;
    std::istringstream trials(readFile(whole / "trials.csv"));
    std::string line;
    std::getline(trials, line);
    ASSERT_THAT(line, testing::StartsWith("network,point,chip,offset,images,wrong_clean,"));
    while (std::getline(trials, line)) {
        std::vector<std::string> fields;
        std::istringstream row(line);
        for (std::string field; std::getline(row, field, ',');) fields.push_back(field);
        ASSERT_EQ(fields.at(4), "16");
        cleanOfChip[fields.at(2)].insert(fields.at(5));
        cleans.insert(fields.at(5));
    }
    for (const auto& [chip, clean] : cleanOfChip) EXPECT_EQ(clean.size(), 1U) << chip;
    EXPECT_GT(cleans.size(), 1U);
    const std::string page = readFile(whole / "report.html");
    EXPECT_THAT(page, HasSubstr("What each bit position stands"));
    EXPECT_THAT(page, HasSubstr("Which bits, and where"));
    EXPECT_THAT(page, HasSubstr("brownout sensitivity "));
    EXPECT_EQ(run({"report", whole.path().string(), "--json"}).out,
              readFile(whole / "sensitivity.json"));
}

TEST(Berzad, StandsBesideTheResultsOfASweep) {
    const json found = jsonOf(quickly({"sweep", "-m", zoo("rquant")},
                                      {"--berzad", "--json", "--protection", "none,op-8"}));
    ASSERT_EQ(found["berzad"].size(), 2U);
    EXPECT_EQ(found["berzad"][0]["protection"], "none");
    EXPECT_EQ(found["berzad"][1]["protection"], "op-8");
    for (const json& row : found["berzad"]) EXPECT_GT(row["berzad_d"].get<double>(), 1e-5);
    for (const json& point : found["points"]) EXPECT_GT(point["trials"].get<int>(), 0);

    // Listed rates are all run, and judged.
    const json listed =
        jsonOf({"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist", "--images", "64", "--chips",
                "30", "--ber", "0.4,1e-5", "--berzad", "--drop", "20", "--quiet", "--json"});
    EXPECT_EQ(listed["points"].size(), 2U);
    EXPECT_EQ(listed["points"][0]["chips"], 30);
    EXPECT_EQ(listed["berzad"][0]["berzad_d"], 1e-5);
    EXPECT_EQ(listed["berzad"][0]["decisions"].size(), 2U);
    EXPECT_EQ(listed["campaign"]["search"]["protocol"], "listed");
}

TEST(Berzad, OfThePaperTakesTwentyMapsAndAllImages) {
    const RunResult result =
        run({"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist", "--images", "50", "--berzad",
             "--protocol", "dft2021", "--quiet", "--json", "--protection", "op-weight"});
    ASSERT_EQ(result.status, 0) << result.err;
    const json found = json::parse(result.out);
    EXPECT_EQ(found["campaign"]["chips"], 20);
    for (const json& point : found["points"]) {
        EXPECT_EQ(point["chips"], 20);
        EXPECT_EQ(point["words"]["read"].get<std::uint64_t>() % 20, 0U);
    }
    const json& row = found["berzad"][0];
    EXPECT_GT(row["faultless_trials"].get<int>(), 0);
    EXPECT_EQ(row["protection"], "op-weight");
    // A rate passes up to the drop that the interval of the accuracy without faults leaves: of 50
    // images, ten points or so.
    for (const json& decision : row["decisions"]) {
        EXPECT_NEAR(decision["clean_margin"], 0.11, 0.03);
        EXPECT_EQ(decision["no_drop"], decision["drop"] <= decision["clean_margin"]);
    }
    EXPECT_FALSE(row["berzad_is_at_least"]);
    const TemporaryFolder folder;
    const RunResult kept =
        run({"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist", "--images", "50", "--berzad",
             "--protocol", "dft2021", "--quiet", "--out", folder / "out"});
    ASSERT_EQ(kept.status, 0) << kept.err;
    const std::string page = readFile(folder / "out/report.html");
    EXPECT_THAT(page, HasSubstr("within the 95 % interval of the accuracy without faults"));
    EXPECT_THAT(page, HasSubstr("yes, up to 1"));
    EXPECT_THAT(page, HasSubstr("no, up to 1"));
}

TEST(Sensitivity, SaysWhatIsWrongInOneLine) {
    const auto errorOf = [](const std::vector<std::string>& arguments) {
        const RunResult result = run(arguments);
        EXPECT_NE(result.status, 0);
        EXPECT_EQ(result.out, "");
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        return result.err;
    };
    EXPECT_THAT(errorOf(sensitivity({"--by", "row"})), HasSubstr("--by: 'row'; expected bit"));
    EXPECT_THAT(errorOf(sensitivity({"--by", "bit,bit"})), HasSubstr("expected bit, layer"));
    EXPECT_THAT(errorOf(sensitivity({"--protocol", "dft"})),
                HasSubstr("expected brownout or dft2021"));
    EXPECT_THAT(errorOf({"sensitivity", "-m", zoo("rquant"), "-d", "fashion-mnist", "--images",
                         "64", "--images-per-chip", "65"}),
                HasSubstr("--images-per-chip: 65; "));
    EXPECT_THAT(errorOf({"sensitivity", "-m", zoo("rquant"), "-d", "fashion-mnist", "--drop", "0"}),
                HasSubstr("--drop: "));
    EXPECT_THAT(errorOf({"sensitivity", "-d", "fashion-mnist"}), HasSubstr("--model"));
    const auto sweep = [&](const std::vector<std::string>& more) {
        std::vector<std::string> all{"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist"};
        all.insert(all.end(), more.begin(), more.end());
        return errorOf(all);
    };
    const std::string rate = "1e-3";
    EXPECT_THAT(sweep({"--ber", rate, "--protection", "op-weight", "--bits", "4"}),
                HasSubstr("op-weight: weights of 4 bits; expected 8, 16 or 32 bits"));
    EXPECT_THAT(sweep({"--ber", rate, "--protection", "op-16", "--bits", "5"}),
                HasSubstr("op-16: weights of 5 bits; expected a divisor of 16 bits"));
    EXPECT_THAT(sweep({"--ber", rate, "--protection", "in-place-ecc"}),
                HasSubstr("weights that aren't in two's complement"));
    EXPECT_THAT(sweep({"--ber", rate, "--op-lsb", "largest"}), HasSubstr("needs op-64"));
    EXPECT_THAT(sweep({"--ber", rate, "--op-lsb", "least"}), HasSubstr("expected word or largest"));
    EXPECT_THAT(sweep({"--ber", rate, "--berzad", "--protocol", "dft2021"}),
                HasSubstr("expected no --ber"));
    EXPECT_THAT(sweep({"--berzad", "-p", BROWNOUT_SOURCE_DIR "/profiles/14nm.h5"}),
                HasSubstr("expected no --profile"));
    EXPECT_THAT(sweep({"--ber", rate, "--images-per-chip", "5"}), HasSubstr("needs --berzad"));
    EXPECT_THAT(sweep({"--berzad", "--shard", "0/2", "-o", "x"}), HasSubstr("a search"));
    EXPECT_THAT(sweep({"--berzad", "--precision", "1"}), HasSubstr("precision"));
}

}  // namespace
}  // namespace brownout::test
