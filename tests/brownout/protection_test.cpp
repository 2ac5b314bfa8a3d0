#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

// Figures that `sweep --codec` gives, against closed forms.

namespace brownout::test {
namespace {

using nlohmann::json;

std::vector<std::string> sweep(const std::vector<std::string>& more) {
    std::vector<std::string> all{"sweep", "--json", "--quiet", "-d", "fashion-mnist"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

json sweepJson(const std::vector<std::string>& more) {
    const RunResult result = run(sweep(more));
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out);
}

/// The point of a network in a sweep's JSON.
json pointOf(const json& result, const std::string& network, std::size_t nth = 0) {
    for (const json& point : result["points"]) {
        if (point["network"] == network && nth-- == 0) return point;
    }
    ADD_FAILURE() << "no " << network;
    return {};
}

class Shares : public testing::TestWithParam<const char*> {};

// By the binomial distribution: at 1e-2 a word has an error with probability 47 %, 36 % odd, 11 %
// even; SECDED has two or more in 16 % of words.
TEST_P(Shares, OfWordsUnderEachCodecAreThoseOfIndependentErrors) {
    const double ber = std::stod(GetParam());
    const json result =
        sweepJson({"-m", zoo("rquant"), "--ber", GetParam(), "--chips", "20", "--images", "1",
                   "--seed", "11", "--codec", "none,parity,parity-byte,secded"});
    const auto any = [&](double bits) { return 1 - std::pow(1 - ber, bits); };
    const auto odd = [&](double bits) { return (1 - std::pow(1 - 2 * ber, bits)) / 2; };
    const auto words = [](const json& point, const char* what) {
        return point["words"][what].get<double>();
    };
    // Within the 99 % interval of a binomial count: false alarm 1 % a call were the seed not fixed.
    const auto check = [&](const json& point, double count, double share) {
        const double read = words(point, "read");
        EXPECT_NEAR(count, read * share, 2.5758 * std::sqrt(read * share * (1 - share)) + 0.5)
            << point["network"];
    };

    const json none = pointOf(result, "fashion-rquant");
    EXPECT_EQ(none["codec"], "none");
    EXPECT_EQ(words(none, "read"), 20 * 10944);
    check(none, words(none, "silent"), any(64));
    EXPECT_EQ(words(none, "corrected") + words(none, "detected") + words(none, "miscorrected"), 0);

    const json parity = pointOf(result, "fashion-rquant+parity");
    check(parity, words(parity, "detected"), odd(65));
    check(parity, words(parity, "silent"), any(65) - odd(65));

    const json bytes = pointOf(result, "fashion-rquant+parity-byte");
    const double unseen = std::pow(1 - odd(9), 8);
    check(bytes, words(bytes, "detected"), 1 - unseen);
    check(bytes, words(bytes, "silent"), unseen - std::pow(1 - ber, 72));

    const json secded = pointOf(result, "fashion-rquant+secded");
    const double one = 72 * ber * std::pow(1 - ber, 71);
    check(secded, words(secded, "corrected"), one);
    check(secded,
          words(secded, "detected") + words(secded, "miscorrected") + words(secded, "silent"),
          any(72) - one);

    for (const json& point : {none, parity, bytes, secded}) {
        const double read = point["bits"]["read"].get<double>();
        EXPECT_NEAR(point["ber_observed"].get<double>(), ber, 2.5758 * std::sqrt(ber / read))
            << point["network"];
    }
    EXPECT_EQ(secded["bits"]["read"].get<double>(), words(secded, "read") * 72);
    EXPECT_EQ(parity["bits"]["read"].get<double>(), words(parity, "read") * 65);
}

INSTANTIATE_TEST_SUITE_P(BitErrorRates, Shares, testing::Values("1e-3", "1e-2"),
                         [](const auto& rate) {
                             return "Minus" + std::string(rate.param).substr(3);
                         });

TEST(Protection, ShowsItsPriceInEnergyAndRoom) {
    const json result =
        sweepJson({"-m", zoo("rquant"), "-p", source("profiles/14nm.h5"), "-v", "1,0.833",
                   "--chips", "1", "--images", "1", "--codec", "none,parity,secded"});
    const json none = pointOf(result, "fashion-rquant");
    const json parity = pointOf(result, "fashion-rquant+parity");
    const json secded = pointOf(result, "fashion-rquant+secded");
    const auto energy = [](const json& point, const char* what) {
        return point["energy"][what].get<double>();
    };
    EXPECT_NEAR(energy(none, "relative"), 1, 1e-12);
    EXPECT_NEAR(energy(parity, "relative"), 65.0 / 64, 1e-12);
    EXPECT_NEAR(energy(secded, "relative"), 72.0 / 64, 1e-12);
    EXPECT_NEAR(energy(secded, "per_inference_j") / energy(none, "per_inference_j"), 72.0 / 64,
                1e-9);
    const json& networks = result["campaign"]["networks"];
    EXPECT_FALSE(networks[0].contains("protection"));
    EXPECT_EQ(networks[1]["protection"]["data_arrays"], 31);
    EXPECT_EQ(networks[2]["protection"]["data_arrays"], 28);
    EXPECT_EQ(networks[2]["protection"]["check_arrays"], 4);
    EXPECT_EQ(networks[2]["stored_bits"], 10944 * 72);
}

TEST(Protection, OfANetworkThatNoLongerFitsReusesTheCells) {
    const TemporaryFolder folder;
    const std::string chip = folder / "chip.h5";
    ASSERT_EQ(run({"profile", "generate", "--chips", "1", "--arrays", "24", "-o", chip}).status, 0);
    const json result = sweepJson({"-m", zoo("rquant"), "-p", chip, "-v", "1", "--chips", "1",
                                   "--images", "1", "--codec", "none,secded"});
    EXPECT_EQ(result["campaign"]["networks"][0]["writes_per_inference"], 0);
    EXPECT_EQ(result["campaign"]["networks"][1]["protection"]["data_arrays"], 21);
    EXPECT_EQ(result["campaign"]["networks"][1]["writes_per_inference"], 10944);
}

TEST(Protection, AloneKeepsTheNetworksName) {
    const json result = sweepJson({"-m", zoo("rquant"), "--ber", "0.01", "--chips", "1", "--images",
                                   "1", "--protection", "secded"});
    ASSERT_EQ(result["points"].size(), 1U);
    EXPECT_EQ(result["points"][0]["network"], "fashion-rquant");
    EXPECT_EQ(result["points"][0]["codec"], "secded");
    EXPECT_EQ(result["points"][0]["protection"], "secded");
    EXPECT_EQ(result["campaign"]["codec"], "secded");
}

// A protected row of a campaign of several protections is the campaign of that protection alone, on
// the same chips.
TEST(Protection, InACampaignOfSeveralCodecsGivesTheCountsOfEachAlone) {
    const std::vector<std::string> common{
        "-m",       zoo("rquant"), "-p",      source("profiles/14nm.h5"),
        "-v",       "0.833",       "--chips", "2",
        "--images", "100",         "--codec"};
    const auto with = [&](const std::string& codec) {
        auto arguments = common;
        arguments.push_back(codec);
        return sweepJson(arguments);
    };
    const json together = with("none,parity,secded");
    for (const std::string codec : {"none", "parity", "secded"}) {
        json alone = with(codec)["points"][0];
        json row = pointOf(together, "fashion-rquant" + (codec == "none" ? "" : "+" + codec));
        alone.erase("network");
        row.erase("network");
        EXPECT_EQ(alone, row) << codec;
    }
}

TEST(Protection, IsPartOfTheCampaignsIdentity) {
    const TemporaryFolder folder;
    const std::vector<std::string> common{"-m",          zoo("rquant"), "--ber",       "0.01",
                                          "--chips",     "1",           "--images",    "1",
                                          "--no-report", "--out",       folder / "out"};
    const auto with = [&](const std::vector<std::string>& more) {
        auto arguments = common;
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(sweep(arguments));
    };
    EXPECT_EQ(with({"--codec", "parity"}).status, 0);
    EXPECT_EQ(with({"--codec", "parity"}).status, 0);
    EXPECT_THAT(with({"--codec", "secded"}).err, testing::HasSubstr("codec is \"parity\" there"));
    EXPECT_THAT(with({"--codec", "parity", "--detected", "zero-weight"}).err,
                testing::HasSubstr("detected is absent there"));
}

// Weight nulling: with this quantiser code 0 is the most negative weight, and zeroing words is
// worse than leaving them wrong; with it, parity helps.
TEST(Protection, ZeroWeightIsBetterThanZeroCodeUnderAnAsymmetricQuantiser) {
    const std::vector<std::string> common{"-m", zoo("rquant"), "--ber", "0.002",   "--chips",
                                          "20", "--images",    "500",   "--codec", "parity-byte"};
    const json code = sweepJson(common)["points"][0];
    auto arguments = common;
    arguments.insert(arguments.end(), {"--detected", "zero-weight"});
    const json weight = sweepJson(arguments)["points"][0];
    EXPECT_EQ(code["words"], weight["words"]);
    EXPECT_LT(weight["error"]["ci95"][1].get<double>(), code["error"]["ci95"][0].get<double>());
}

}  // namespace
}  // namespace brownout::test
