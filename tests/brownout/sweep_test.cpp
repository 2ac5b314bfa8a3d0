#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

using nlohmann::json;

std::vector<std::string> concat(std::vector<std::string> a, const std::vector<std::string>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

json sweepJson(const std::vector<std::string>& arguments) {
    const RunResult result =
        run(concat({"sweep", "--json", "--quiet", "-d", "fashion-mnist"}, arguments));
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out);
}

/// Two-sided 99 % interval of a binomial count in the normal approximation, widened by the half
/// step that the approximation leaves out; for small means the exact Poisson quantiles (0.5 %
/// and 99.5 %).
std::pair<double, double> binomial99(double n, double p) {
    const double mean = n * p;
    const double sigma = std::sqrt(mean * (1 - p));
    if (mean > 30) return {mean - 2.5758 * sigma - 0.5, mean + 2.5758 * sigma + 0.5};
    double low = 0;
    double high = 0;
    double term = std::exp(-mean);
    double sum = term;
    while (sum < 0.005) sum += term *= mean / ++low;
    high = low;
    while (sum < 0.995) sum += term *= mean / ++high;
    return {low, high};
}

// REFERENCE 1 through the whole program. 64 chips, all the bits of a network in each; the shipped
// population is fixed, so this can't flake: for a population drawn anew each of the six intervals
// would miss in 1 % of runs.
TEST(Sweep, ReproducesTheBitErrorRatesAndEnergiesOfThe14nmTable) {
    struct Row {
        const char* label;
        double rate;
        double energy;
    };
    const double cells = 1 << 20;
    const std::vector<Row> table{{"1", 0, 1},
                                 {"0.958", 2 / cells, 0.9184},
                                 {"0.917", 72 / cells, 0.8403},
                                 {"0.875", 0.00129, 0.7656},
                                 {"0.833", 0.01115, 0.6944},
                                 {"0.792", 0.05573, 0.6267},
                                 {"0.75", 0.2056, 0.5625}};
    const json result =
        sweepJson({"-m", zoo("rquant"), "-p", source("profiles/14nm.h5"), "-v",
                   "1,0.958,0.917,0.875,0.833,0.792,0.75", "--chips", "64", "--images", "1"});
    ASSERT_EQ(result["points"].size(), table.size());
    for (std::size_t i = 0; i < table.size(); ++i) {
        const json& point = result["points"][i];
        EXPECT_EQ(point["chips"], 64);
        const double bits = 64 * point["words"]["read"].get<double>();
        const double wrong = std::round(point["ber_observed"].get<double>() * bits);
        const auto [low, high] = binomial99(bits, table[i].rate);
        EXPECT_GE(wrong, low) << table[i].label;
        EXPECT_LE(wrong, high) << table[i].label;
        EXPECT_NEAR(point["energy"]["relative"].get<double>(), table[i].energy, 1e-3)
            << table[i].label;
        if (table[i].rate == 0) {
            EXPECT_EQ(wrong, 0);
        }
    }
}

TEST(Sweep, PrintsTheShapeOfTheContract) {
    const json result = sweepJson({"-m", zoo("rquant"), "-p", source("profiles/14nm.h5"), "-v",
                                   "0.875,0.833", "--chips", "3", "--images", "50"});
    EXPECT_TRUE(result["campaign"].is_object());
    ASSERT_EQ(result["points"].size(), 2U);
    for (const json& point : result["points"]) {
        EXPECT_TRUE(point["network"].is_string());
        EXPECT_TRUE(point["voltage"].is_number());
        for (const char* key : {"ber_expected", "ber_observed", "clean_error"}) {
            EXPECT_TRUE(point[key].is_number()) << key;
            EXPECT_GE(point[key].get<double>(), 0) << key;
            EXPECT_LE(point[key].get<double>(), 1) << key;
        }
        EXPECT_EQ(point["chips"], 3);
        EXPECT_EQ(point["images"], 50);
        for (const char* key : {"error", "robust_error"}) {
            EXPECT_TRUE(point[key]["mean"].is_number());
            EXPECT_TRUE(point[key]["std"].is_number());
            ASSERT_EQ(point[key]["ci95"].size(), 2U);
            EXPECT_LE(point[key]["ci95"][0].get<double>(), point[key]["mean"].get<double>());
            EXPECT_GE(point[key]["ci95"][1].get<double>(), point[key]["mean"].get<double>());
        }
        EXPECT_GE(point["robust_error"]["mean"], point["error"]["mean"]);
        EXPECT_GT(point["energy"]["per_inference_j"].get<double>(), 0);
        for (const char* key : {"read", "corrected", "detected", "miscorrected"}) {
            EXPECT_TRUE(point["words"][key].is_number()) << key;
        }
    }
}

TEST(Sweep, GivesTheSameBytesForAnyNumberOfThreads) {
    const std::vector<std::string> arguments{"sweep",
                                             "-m",
                                             zoo("normal"),
                                             "-m",
                                             zoo("randbet"),
                                             "-d",
                                             "fashion-mnist",
                                             "-p",
                                             source("profiles/14nm.h5"),
                                             "-v",
                                             "1,0.875,0.833",
                                             "--chips",
                                             "5",
                                             "--images",
                                             "150",
                                             "--json",
                                             "--no-report",
                                             "--quiet"};
    const TemporaryFolder folder;
    std::vector<RunResult> results;
    for (const char* threads : {"1", "2", "5"}) {
        results.push_back(
            run(concat(arguments, {"--threads", threads, "--out", folder / threads})));
        ASSERT_EQ(results.back().status, 0) << results.back().err;
        EXPECT_EQ(results.back().out, results[0].out);
        EXPECT_EQ(readFile(folder / (std::string(threads) + "/trials.csv")),
                  readFile(folder / "1/trials.csv"));
    }
}

TEST(Sweep, WithUniformErrorsSeesTheRateItWasAskedForAndNoEnergy) {
    const json result = sweepJson({"-m", zoo("rquant"), "--ber", "0,1e-3,0.01", "--chips", "20",
                                   "--images", "1", "--seed", "5"});
    ASSERT_EQ(result["points"].size(), 3U);
    EXPECT_EQ(result["points"][0]["ber_observed"], 0);
    EXPECT_EQ(result["points"][0]["error"]["mean"], result["points"][0]["clean_error"]);
    for (int i = 1; i < 3; ++i) {
        const json& point = result["points"][static_cast<std::size_t>(i)];
        const double rate = i == 1 ? 1e-3 : 0.01;
        const double bits = 64 * point["words"]["read"].get<double>();
        EXPECT_NEAR(point["ber_observed"].get<double>(), rate, 4.5 * std::sqrt(rate / bits));
        EXPECT_TRUE(point["voltage"].is_null());
        EXPECT_TRUE(point["energy"]["per_inference_j"].is_null());
    }
}

// The published order (REFERENCE 4b) on the shipped networks at p = 1 %: each step outside the 95 %
// intervals.
TEST(Sweep, RobustnessRisesFromOneShippedNetworkToTheNext) {
    if (kSanitized) GTEST_SKIP() << "statistics of 200,000 images are for the release build";
    const json result =
        sweepJson({"-m", zoo("normal"), "-m", zoo("rquant"), "-m", zoo("clipped"), "-m",
                   zoo("randbet"), "--ber", "0.01", "--chips", "50", "--images", "1000"});
    ASSERT_EQ(result["points"].size(), 4U);
    for (std::size_t i = 0; i + 1 < 4; ++i) {
        const json& worse = result["points"][i];
        const json& better = result["points"][i + 1];
        EXPECT_LT(better["error"]["ci95"][1].get<double>(), worse["error"]["ci95"][0].get<double>())
            << better["network"] << " against " << worse["network"];
    }
    for (const json& point : result["points"]) EXPECT_LE(point["clean_error"].get<double>(), 0.09);
}

TEST(Sweep, DifferentLayoutsOfOneChipAreTheUnitOfReplication) {
    const json result = sweepJson({"-m", zoo("rquant"), "-p", source("profiles/14nm.h5"), "-v",
                                   "0.833", "--chips", "1", "--offsets", "4", "--images", "100"});
    EXPECT_EQ(result["points"][0]["replication"], "offset");
    EXPECT_GT(result["points"][0]["error"]["std"].get<double>(), 0);
}

TEST(Sweep, TakesAllChipsOfAProfileWithFewerThanTen) {
    const json result =
        sweepJson({"-m", zoo("rquant"), "-p", source("profiles/samples/28nm-column-chip.h5"), "-v",
                   "0.53V", "--offsets", "3", "--images", "20"});
    EXPECT_EQ(result["points"][0]["replication"], "offset");
}

TEST(Sweep, FewerBitsTakeFewerWordsAndLessEnergy) {
    std::map<std::string, json> points;
    for (const std::string bits : {"8", "4"}) {
        points[bits] = sweepJson({"-m", zoo("rquant"), "-p", source("profiles/14nm.h5"), "-v", "1",
                                  "--chips", "1", "--images", "20", "--bits", bits})["points"][0];
    }
    const double half = points["4"]["energy"]["per_inference_j"].get<double>() /
                        points["8"]["energy"]["per_inference_j"].get<double>();
    EXPECT_NEAR(half, 0.5, 0.01);
}

}  // namespace
}  // namespace brownout::test
