#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

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

// All that the contract lists, against what can be worked out without the program: the published
// rates (REFERENCE 1), the binomial distribution, CACTI's energy of an access (REFERENCE 7) times
// (V/Vmin)^2, Student's t stretched (docs/statistics.md). The shipped population is fixed, so this
// can't flake; a population drawn anew would miss one of the four intervals in 4 % of runs.
TEST(Sweep, PrintsWhatCanBeWorkedOutWithoutIt) {
    struct Expected {
        double voltage, rate;
    };
    const std::vector<Expected> points{{1, 0}, {0.875, 0.00129}, {0.833, 0.01115}};
    constexpr double kChips = 3;
    constexpr double kImages = 50;
    constexpr double kReadJ = 1.26e-12;
    constexpr double kStudent975 = 4.302653;  // 2 degrees of freedom
    constexpr double kSkew = 0.8504101;       // (2 t^2 + 1) / (6 t sqrt(3))
    const json result = sweepJson({"-m", zoo("rquant"), "-p", source("profiles/14nm.h5"), "-v",
                                   "1,0.875,0.833", "--chips", "3", "--images", "50"});
    const json network = json::parse(run({"inspect", zoo("rquant"), "--json"}).out);
    const auto stored = network["stored"]["words"].get<double>();
    EXPECT_TRUE(result["campaign"].is_object());
    ASSERT_EQ(result["points"].size(), points.size());
    double worst = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const json& point = result["points"][i];
        const auto [voltage, rate] = points[i];
        EXPECT_EQ(point["network"], "fashion-rquant");
        EXPECT_EQ(point["voltage"], voltage);
        EXPECT_EQ(point["chips"], kChips);
        EXPECT_EQ(point["images"], kImages);
        EXPECT_EQ(point["ber_expected"], rate);

        // Every stored word is read once by each chip; without check bits no error is noticed.
        const json& words = point["words"];
        EXPECT_EQ(words["read"], kChips * stored);
        for (const char* key : {"corrected", "detected", "miscorrected"}) EXPECT_EQ(words[key], 0);
        const double bits = 64 * kChips * stored;
        const auto wrong = binomial99(bits, rate);
        EXPECT_GE(point["ber_observed"].get<double>() * bits, wrong.first);
        EXPECT_LE(point["ber_observed"].get<double>() * bits, wrong.second);
        const auto silent = binomial99(kChips * stored, 1 - std::pow(1 - rate, 64));
        EXPECT_GE(words["silent"].get<double>(), silent.first);
        EXPECT_LE(words["silent"].get<double>(), silent.second);

        const double energy = stored * kReadJ * voltage * voltage;
        EXPECT_NEAR(point["energy"]["per_inference_j"].get<double>(), energy, 1e-9 * energy);
        EXPECT_NEAR(point["energy"]["relative"].get<double>(), voltage * voltage, 1e-12);

        const auto clean = point["clean_error"].get<double>();
        // Steps of one image in one chip, below which neither spread nor harm is taken to be.
        const double step = rate == 0 ? 0 : 1 / kImages;
        const double harm =
            std::max(point["robust_error"]["mean"].get<double>() - clean, step / kChips / 2);
        for (const char* key : {"error", "robust_error"}) {
            const auto mean = point[key]["mean"].get<double>();
            const auto deviation = point[key]["std"].get<double>();
            const double spread = std::max(deviation, step / std::sqrt(kChips));
            const double half = kStudent975 * spread / std::sqrt(kChips);
            const double ratio = rate == 0 ? 0 : spread / harm;
            const double above = std::max(half * (1 + kSkew * std::min(12 * ratio, 6.0)),
                                          -std::log(0.025) * step / kChips);
            const double below = half / (1 + kSkew * std::min(2 * ratio, 3.0));
            EXPECT_NEAR(mean * kChips * kImages, std::round(mean * kChips * kImages), 1e-9);
            EXPECT_NEAR(point[key]["ci95"][0].get<double>(), std::max(0.0, mean - below), 1e-6);
            EXPECT_NEAR(point[key]["ci95"][1].get<double>(), std::min(1.0, mean + above), 1e-6);
            if (rate == 0) {
                EXPECT_EQ(mean, clean);
                EXPECT_EQ(deviation, 0);
            }
        }
        // Wrong clean or wrong perturbed: no fewer than either, no more than both.
        const auto error = point["error"]["mean"].get<double>();
        const auto robust = point["robust_error"]["mean"].get<double>();
        EXPECT_GE(robust, std::max(error, clean) - 1e-12);
        EXPECT_LE(robust, error + clean + 1e-12);
        worst = robust;
    }
    // A hundredth of all bits wrong costs this network several times its clean error (REFERENCE 4).
    EXPECT_GT(worst, 2 * result["points"][0]["clean_error"].get<double>());
}

// What fails at a voltage fails at every lower one (REFERENCE 1): chip by chip, not on average.
TEST(Sweep, FindsMoreWrongBitsInEveryChipAtEveryLowerVoltage) {
    const TemporaryFolder folder;
    ASSERT_EQ(run({"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist", "-p",
                   source("profiles/14nm.h5"), "-v", "0.875,0.833,0.792", "--chips", "8",
                   "--images", "1", "--out", folder / "out", "--no-report", "--quiet"})
                  .status,
              0);
    std::istringstream lines(readFile(folder / "out/trials.csv"));
    std::string line;
    std::getline(lines, line);
    const auto fieldsOf = [](const std::string& text) {
        std::vector<std::string> fields;
        std::istringstream stream(text);
        for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
        return fields;
    };
    const auto names = fieldsOf(line);
    const auto column = [&](const char* name) {
        return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) -
                                        names.begin());
    };
    std::map<std::string, std::vector<double>> wrong;  // by chip
    while (std::getline(lines, line)) {
        const auto fields = fieldsOf(line);
        wrong[fields.at(column("chip"))].push_back(std::stod(fields.at(column("bits_wrong"))));
    }
    ASSERT_EQ(wrong.size(), 8U);
    for (const auto& [chip, bits] : wrong) {
        ASSERT_EQ(bits.size(), 3U);
        EXPECT_LT(bits[0], bits[1]) << chip;
        EXPECT_LT(bits[1], bits[2]) << chip;
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

// The published order (REFERENCE 4) on the shipped networks at p = 1 %: each step outside the 95 %
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

TEST(Sweep, CorrectsBiasesOverAsManyImagesAsItSays) {
    const auto with = [](const std::string& store, const std::vector<std::string>& more) {
        return concat({"-m", zoo("normal"), "--ber", "1e-6", "--chips", "1", "--images", "16",
                       "--format", "int3", "--store", store},
                      more);
    };
    const json plain = sweepJson(with("weights", {}));
    EXPECT_FALSE(plain["campaign"].contains("bias_correction_images"));
    const json some = sweepJson(with("weights", {"--correct-bias", "8"}));
    EXPECT_EQ(some["campaign"]["bias_correction_images"], 8);
    const json all = sweepJson(with("weights", {"--correct-bias", "1000"}));
    EXPECT_EQ(all["campaign"]["bias_correction_images"], 16) << "there are no more";
    const auto refusal = [&](const std::string& store, const std::string& images) {
        return run(
            concat({"sweep", "-d", "fashion-mnist", "--correct-bias", images}, with(store, {})));
    };
    const RunResult stored = refusal("parameters", "8");
    EXPECT_EQ(stored.status, 1);
    EXPECT_THAT(stored.err, testing::HasSubstr("bias correction expects --store weights"));
    EXPECT_EQ(refusal("weights", "0").status, 2);
}

TEST(Sweep, RefusesToEqualizeWhatNormalisationsSeparate) {
    const RunResult result = run({"sweep", "-d", "fashion-mnist", "-m", zoo("normal"), "--ber",
                                  "1e-6", "--format", "int8,int8-equalized"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, testing::HasSubstr("there is nothing to equalise"));
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
