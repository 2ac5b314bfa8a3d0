// Does 'account' say what its parts count, and does its energy agree with that of a sweep?

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json accountOf(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{"account", "-m", zoo("rquant"), "--json"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const RunResult result = run(all);
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out);
}

/// An accelerator of one memory, each word of which is read once an inference.
const char kOneMemory[] =
    "name: one\n"
    "array: {rows: 32, columns: 32, dataflow: weight-stationary, clock: 1 GHz}\n"
    "memories: {weights: {bytes: 1 MiB, protection: PROTECTION}}\n";

TEST(Account, WithOneMemoryReadOnceTheEnergyIsThatOfASweep) {
    const TemporaryFolder folder;
    const std::string profile = source("profiles/14nm.h5");
    for (const char* protection : {"none", "secded"}) {
        std::string text = kOneMemory;
        text.replace(text.find("PROTECTION"), 10, protection);
        writeAtomically(folder / "one.yaml", text);
        const json account = accountOf(
            {"-a", folder / "one.yaml", "-p", "weights=" + profile, "--voltages", "1,0.875,0.833"});
        const RunResult sweep =
            run({"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist", "--images", "10", "-p",
                 profile, "-v", "1,0.875,0.833", "--chips", "1", "--protection", protection,
                 "--json", "--quiet"});
        ASSERT_EQ(sweep.status, 0) << sweep.err;
        const json points = json::parse(sweep.out)["points"];
        ASSERT_EQ(points.size(), 3U);
        for (std::size_t i = 0; i < 3; ++i) {
            const double there = points[i]["energy"]["per_inference_j"];
            const double here = account["points"][i]["total"]["energy_j"];
            EXPECT_NEAR(here, there, 1e-12 * there) << protection << " " << i;
        }
    }
}

TEST(Account, SumsOverLayersAndMemoriesAreTheTotals) {
    for (const char* name : {"systolic-32x32", "edge-16x16", "eyeriss-like"}) {
        const json account = accountOf({"-a", name});
        EXPECT_EQ(account["accelerator"], name);
        double sum = 0;
        std::uint64_t cycles = 0, macs = 0;
        std::map<std::string, std::uint64_t> reads;
        for (const json& layer : account["layers"]) {
            double parts = layer["compute"]["energy_j"];
            for (const auto& [memory, use] : layer["memories"].items()) {
                parts += use["energy_j"].get<double>();
                reads[memory] += use["reads"].get<std::uint64_t>();
            }
            EXPECT_NEAR(layer["energy_j"], parts, 1e-12 * parts);
            sum += parts;
            cycles += layer["cycles"].get<std::uint64_t>();
            macs += layer["macs"].get<std::uint64_t>();
        }
        const json& total = account["total"];
        EXPECT_NEAR(total["energy_j"], sum, 1e-12 * sum) << name;
        EXPECT_EQ(total["cycles"], cycles);
        EXPECT_EQ(macs, 2425536U);
        for (const auto& [memory, use] : total["memories"].items()) {
            EXPECT_EQ(use["reads"], reads[memory]) << name << " " << memory;
        }
    }
}

TEST(Account, LowerSuppliesTakeLessEnergyWhereTheyAreLower) {
    const json account =
        accountOf({"-a", "edge-16x16", "--voltages", "1,0.8", "--supply", "activations=0.9"});
    const json& memories = account["points"][0]["total"]["memories"];
    const json& lower = account["points"][1]["total"]["memories"];
    const auto dynamic = [](const json& use) { return use["dynamic_j"].get<double>(); };
    EXPECT_NEAR(dynamic(lower["weights"]) / dynamic(memories["weights"]), 0.64, 1e-9);
    EXPECT_EQ(dynamic(lower["activations"]), dynamic(memories["activations"]));
    EXPECT_EQ(account["points"][1]["supplies"]["activations"], 0.9);
    EXPECT_EQ(dynamic(lower["dram"]), dynamic(memories["dram"]));
}

TEST(Account, FewerBitsMoveFewerWords) {
    const json eight = accountOf({"-a", "systolic-32x32", "--format", "rquant8"});
    const json four = accountOf({"-a", "systolic-32x32", "--format", "rquant4"});
    const auto words = [](const json& account) {
        return account["total"]["memories"]["weights"]["read_words"].get<std::uint64_t>();
    };
    EXPECT_EQ(eight["total"]["memories"]["weights"]["reads"],
              four["total"]["memories"]["weights"]["reads"]);
    EXPECT_NEAR(static_cast<double>(words(eight)) / static_cast<double>(words(four)), 2, 0.01);
}

TEST(Account, WritesAPageAndFilesThatSayTheSame) {
    const TemporaryFolder folder;
    const RunResult result = run({"account", "-m", zoo("rquant"), "-a", "edge-16x16", "-v", "1,0.9",
                                  "--out", folder / "out", "--csv", folder / "a.csv"});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("relative %"));
    const std::string page = readFile(folder / "out/account.html");
    EXPECT_THAT(page, HasSubstr("class=\"barline\""));
    EXPECT_THAT(page, HasSubstr("edge-16x16"));
    EXPECT_EQ(page.find("src=\"http"), std::string::npos);
    EXPECT_EQ(readFile(folder / "a.csv"), readFile(folder / "out/account.csv"));
    const json account = json::parse(readFile(folder / "out/account.json"));
    // The sum of a column of the CSV is the total of the JSON, at each supply.
    std::istringstream lines(readFile(folder / "a.csv"));
    std::string text;
    std::getline(lines, text);
    std::map<std::string, double> energy;
    while (std::getline(lines, text)) {
        energy[text.substr(0, text.find(','))] += std::stod(text.substr(text.rfind(',') + 1));
    }
    for (const json& point : account["points"]) {
        const double total = point["total"]["energy_j"];
        EXPECT_NEAR(energy[point["label"]], total, 1e-12 * total);
    }
}

TEST(Account, IsTheEnergyOfASweepOnAnAccelerator) {
    const std::string profile = source("profiles/14nm.h5");
    const auto sweep = [&](const std::vector<std::string>& more) {
        std::vector<std::string> all{
            "sweep",    "-m",      zoo("rquant"), "-d",      "fashion-mnist",
            "--images", "20",      "-p",          profile,   "-v",
            "1,0.875",  "--chips", "1",           "--quiet", "--json"};
        all.insert(all.end(), more.begin(), more.end());
        const RunResult result = run(all);
        EXPECT_EQ(result.status, 0) << result.err;
        return json::parse(result.out);
    };
    const json found = sweep({"--accelerator", "edge-16x16"});
    for (const json& point : found["points"]) {
        const std::string supply = point["voltage"].dump();
        const json account = accountOf({"--accelerator", "edge-16x16", "--profile",
                                        "weights=" + profile, "--supply", "weights=" + supply});
        const json& total = account["total"];
        double sum = 0;
        for (const auto& [part, joules] : point["energy"]["memories"].items()) {
            const json& there = part == "compute" ? total["compute"] : total["memories"][part];
            EXPECT_NEAR(joules.get<double>(), there["energy_j"].get<double>(), 1e-20) << part;
            sum += joules.get<double>();
        }
        EXPECT_NEAR(sum, total["energy_j"].get<double>(), 1e-12 * sum);
        EXPECT_NEAR(point["energy"]["per_inference_j"].get<double>(), sum, 1e-12 * sum);
    }
    EXPECT_EQ(found["points"][0]["energy"]["relative"], 1);
    // The faults are those of the sweep without.
    const json without = sweep({});
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(found["points"][i]["error"], without["points"][i]["error"]);
        EXPECT_FALSE(without["points"][i]["energy"].contains("memories"));
    }
    // Check bits cost, hidden ones don't.
    const json protectedOnes =
        sweep({"--accelerator", "edge-16x16", "--protection", "none,op-weight,secded"});
    const auto weights = [&](std::size_t row) {
        return protectedOnes["points"][2 * row]["energy"]["memories"]["weights"].get<double>();
    };
    EXPECT_EQ(weights(1), weights(0));
    EXPECT_NEAR(weights(2), weights(0) * 72 / 64, 1e-12 * weights(0));
    const RunResult rate = run({"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist", "--ber",
                                "1e-3", "--accelerator", "edge-16x16"});
    EXPECT_EQ(rate.status, 2);
    EXPECT_THAT(rate.err, HasSubstr("--accelerator: needs supplies"));
}

}  // namespace
}  // namespace brownout::test
