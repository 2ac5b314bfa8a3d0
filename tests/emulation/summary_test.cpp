#include "emulation/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/results/sample_campaign.h"
#include "tools/results/campaign_identity.h"
#include "tools/results/summary_output.h"

namespace brownout {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(Summary, TakesTheChipAsTheUnitOfReplication) {
    const auto campaign = sampleCampaign();
    const auto summary = summarize(campaign, sampleTrials(campaign));
    EXPECT_EQ(summary.replication, Replication::kChip);
    EXPECT_TRUE(summary.complete());
    ASSERT_EQ(summary.rows.size(), 4U);
    // Chips of network 0 at point 0: (6+7)/200, (9+10)/200, (12+13)/200: mean 9.5 %, std 3 %.
    const auto& row = summary.row(0, 0);
    EXPECT_EQ(row.units, 3U);
    EXPECT_EQ(row.chips, 3U);
    EXPECT_EQ(row.trials, 6U);
    EXPECT_DOUBLE_EQ(row.main().faulty->mean, 0.095);
    EXPECT_DOUBLE_EQ(row.main().faulty->std.value(), 0.03);
    // Faults took 6.5 of 100 images: c = 3 / 6.5, t = 4.302653, K = (2 t^2 + 1) / (6 t sqrt(3)).
    const double t = 4.302653, k = (2 * t * t + 1) / (6 * t * std::sqrt(3.0));
    const double half = t * 0.03 / std::sqrt(3.0);
    EXPECT_NEAR(row.main().faulty->ci95->high, 0.095 + half * (1 + k * 12 * 3 / 6.5), 1e-7);
    EXPECT_NEAR(row.main().faulty->ci95->low, 0.095 - half / (1 + k * 2 * 3 / 6.5), 1e-7);
    EXPECT_DOUBLE_EQ(row.main().median.value(), 0.095);
    EXPECT_EQ(row.main().worst->number, 2U);
    EXPECT_DOUBLE_EQ(row.main().worst->value, 0.125);
    EXPECT_EQ(row.main().dead.value(), 0);
    EXPECT_FALSE(row.main().fewDominate);
    EXPECT_DOUBLE_EQ(row.values[1].faulty->mean, 0.105);
    EXPECT_DOUBLE_EQ(row.main().clean.value(), 0.04);
    // Bits wrong: 3000 + chip, two offsets each, of 44,000,000 bits read six times.
    EXPECT_DOUBLE_EQ(row.berObserved.value(), (6 * 3000.0 + 2 * (0 + 1 + 2)) / (6 * 44e6));
}

TEST(Summary, OfOneChipTakesTheOffsetAsTheUnitAndSaysSo) {
    auto campaign = sampleCampaign();
    campaign.chips = 1;
    const auto summary = summarize(campaign, sampleTrials(campaign));
    EXPECT_EQ(summary.replication, Replication::kOffset);
    EXPECT_EQ(summary.row(0, 0).units, 2U);
    EXPECT_DOUBLE_EQ(summary.row(0, 0).main().faulty->mean, 0.065);
    EXPECT_EQ(json::parse(summaryJson(summary))["points"][0]["replication"], "offset");
}

TEST(Summary, OfASingleTrialHasNoSpread) {
    auto campaign = sampleCampaign();
    campaign.chips = 1;
    campaign.offsets = {0};
    const auto point =
        json::parse(summaryJson(summarize(campaign, sampleTrials(campaign)))).at("points").at(0);
    EXPECT_EQ(point.at("replication"), "chip");
    EXPECT_EQ(point.at("n"), 1);
    EXPECT_TRUE(point.at("error").at("std").is_null());
    EXPECT_TRUE(point.at("error").at("ci95").is_null());
    EXPECT_DOUBLE_EQ(point.at("error").at("mean"), 0.06);
}

TEST(Summary, CountsEnergyAsReadsAndWritesTimesTheirEnergy) {
    auto campaign = sampleCampaign();
    campaign.networks[1].writesPerInference = 1000;
    auto summary = summarize(campaign, {});
    EXPECT_DOUBLE_EQ(summary.row(0, 0).energyPerInferenceJ.value(), 687500 * 8.4e-13);
    EXPECT_DOUBLE_EQ(summary.row(1, 1).energyPerInferenceJ.value(),
                     687500 * 6.9e-13 + 1000 * 7.5e-13);
    EXPECT_EQ(summary.row(1, 1).energyRelative, 0.6944);
    campaign.points[1].energy.writeJ.reset();
    summary = summarize(campaign, {});
    EXPECT_TRUE(summary.row(0, 1).energyPerInferenceJ) << "writes nothing, needs no write energy";
    EXPECT_FALSE(summary.row(1, 1).energyPerInferenceJ);
}

// An access of a word with check bits costs (w + c) / w of one without; relative to an access
// without at the reference supply.
TEST(Summary, CountsTheCheckBitsOfAProtectedWordInItsEnergy) {
    auto campaign = sampleCampaign();
    campaign.networks[1].writesPerInference = 1000;
    campaign.networks[1].protection = ProtectionSpec{"secded", 64, 8, 28, 4};
    const auto summary = summarize(campaign, {});
    EXPECT_DOUBLE_EQ(summary.row(1, 1).energyPerInferenceJ.value(),
                     1.125 * (687500 * 6.9e-13 + 1000 * 7.5e-13));
    EXPECT_DOUBLE_EQ(summary.row(1, 1).energyRelative.value(), 1.125 * 0.6944);
    EXPECT_DOUBLE_EQ(summary.row(0, 1).energyRelative.value(), 0.6944);
    const auto points = json::parse(summaryJson(summary)).at("points");
    EXPECT_EQ(points.at(0).at("codec"), "none");
    EXPECT_EQ(points.at(2).at("codec"), "secded");
    EXPECT_THAT(summaryCsv(summary), HasSubstr(",secded,"));
}

// One chip of three keeps less than half of the accuracy without faults, 96 %; two lose nothing.
TEST(Summary, TellsDeadChipsAndWhereFewDominate) {
    auto campaign = sampleCampaign();
    campaign.offsets = {0};
    campaign.networks.resize(1);
    campaign.points.resize(1);
    auto trials = sampleTrials(campaign);
    for (auto& [key, counts, strata] : trials) {
        const bool dies = key.chip == 1;
        counts.wrongPerturbed = counts.wrongEither = dies ? 53 : 4;
    }
    auto value = summarize(campaign, trials).row(0, 0).main();
    EXPECT_DOUBLE_EQ(value.dead.value(), 1.0 / 3);
    EXPECT_TRUE(value.fewDominate);
    EXPECT_EQ(value.worst->number, 1U);
    EXPECT_DOUBLE_EQ(value.worst->value, 0.53);
    EXPECT_DOUBLE_EQ(value.median.value(), 0.04);
    trials[1].counts.wrongPerturbed = trials[1].counts.wrongEither = 52;
    value = summarize(campaign, trials).row(0, 0).main();
    EXPECT_EQ(value.dead.value(), 0) << "half of the accuracy is not less than half";
}

TEST(Summary, OfChipsThatAreAllAlikeIsSureOnlyWhereNoCellCanFail) {
    auto campaign = sampleCampaign();
    auto trials = sampleTrials(campaign);
    for (auto& [key, counts, strata] : trials) {
        counts.wrongPerturbed = counts.wrongEither = counts.wrongClean;
        counts.bitsWrong = counts.failingCells = 0;
    }
    const auto width = [&] {
        const Interval ci = *summarize(campaign, trials).row(0, 0).main().faulty->ci95;
        return ci.high - ci.low;
    };
    EXPECT_GT(width(), 1.0 / 600);
    campaign.points[0].berExpected = 0;
    EXPECT_EQ(width(), 0);
}

TEST(Summary, ComparesNetworksOnTheSameChips) {
    const auto campaign = sampleCampaign();
    const auto summary = summarize(campaign, sampleTrials(campaign));
    ASSERT_EQ(summary.comparisons.size(), 2U);
    const auto& comparison = summary.comparisons[1];
    EXPECT_EQ(comparison.point, 1U);
    EXPECT_EQ(comparison.units, 3U);
    EXPECT_DOUBLE_EQ(comparison.difference.mean, -0.02);
    EXPECT_DOUBLE_EQ(comparison.difference.std.value(), 0.0);
    EXPECT_TRUE(comparison.decided());
}

TEST(Summary, OfAnUnfinishedCampaignComparesOnlyWhatBothNetworksHaveFinished) {
    const auto campaign = sampleCampaign();
    auto trials = sampleTrials(campaign);
    trials.erase(trials.begin());    // network 0, point 0, chip 0, offset 0
    trials.erase(trials.end() - 7);  // network 1, point 0, chip 2, offset 1
    const auto summary = summarize(campaign, trials);
    EXPECT_FALSE(summary.complete());
    EXPECT_EQ(summary.trials, 22U);
    EXPECT_EQ(summary.row(0, 0).trials, 5U);
    EXPECT_EQ(summary.row(0, 0).chips, 3U);
    EXPECT_EQ(summary.comparisons[0].units, 3U);
    EXPECT_DOUBLE_EQ(summary.comparisons[0].difference.mean, -0.02);
}

TEST(Summary, OfNothingHasRowsWithoutResults) {
    const auto campaign = sampleCampaign();
    const auto summary = summarize(campaign, {});
    const auto document = json::parse(summaryJson(summary));
    EXPECT_EQ(document["points"].size(), 4U);
    EXPECT_TRUE(document["points"][0]["error"].is_null());
    EXPECT_TRUE(document["points"][0]["ber_observed"].is_null());
    EXPECT_TRUE(summary.comparisons.empty());
}

TEST(Summary, RefusesTrialsThatAreNotTheCampaigns) {
    const auto campaign = sampleCampaign();
    auto trials = sampleTrials(campaign);
    trials.push_back(trials[3]);
    EXPECT_THAT(errorOf([&] { summarize(campaign, trials); }), HasSubstr("twice"));
    trials.back().key.chip = 3;
    EXPECT_THAT(errorOf([&] { summarize(campaign, trials); }), HasSubstr("not part of"));
}

TEST(SummaryJson, HasTheDocumentedShape) {
    const auto campaign = sampleCampaign();
    const auto document = json::parse(summaryJson(summarize(campaign, sampleTrials(campaign))));
    EXPECT_EQ(document["campaign"]["seed"], 18446744073709551615U);
    EXPECT_EQ(document["campaign"]["fingerprint"], fingerprint(campaign));
    EXPECT_EQ(document["campaign"]["complete"], true);
    ASSERT_EQ(document["points"].size(), 4U);
    for (const auto& point : document["points"]) {
        EXPECT_TRUE(point.at("network").is_string());
        EXPECT_TRUE(point.at("voltage").is_number());
        EXPECT_TRUE(point.at("ber_expected").is_number());
        EXPECT_TRUE(point.at("ber_observed").is_number());
        EXPECT_EQ(point.at("chips"), 3);
        EXPECT_EQ(point.at("images"), 100);
        EXPECT_TRUE(point.at("clean_error").is_number());
        for (const char* error : {"error", "robust_error"}) {
            EXPECT_TRUE(point.at(error).at("mean").is_number());
            EXPECT_TRUE(point.at(error).at("std").is_number());
            EXPECT_EQ(point.at(error).at("ci95").size(), 2U);
            EXPECT_LE(point.at(error).at("ci95")[0], point.at(error).at("mean"));
            EXPECT_GE(point.at(error).at("ci95")[1], point.at(error).at("mean"));
        }
        EXPECT_TRUE(point.at("energy").at("per_inference_j").is_number());
        EXPECT_TRUE(point.at("energy").at("relative").is_number());
        for (const char* count : {"read", "corrected", "detected", "miscorrected"}) {
            EXPECT_TRUE(point.at("words").at(count).is_number_unsigned());
        }
    }
    EXPECT_EQ(document["points"][0]["network"], "robust8");
    EXPECT_EQ(document["points"][1]["voltage"], 0.833);
    EXPECT_EQ(document["points"][2]["network"], "normal8");
}

TEST(SummaryJson, InUniformModeHasTheRateAndNullsForVoltageAndEnergy) {
    auto campaign = sampleCampaign();
    campaign.profile.reset();
    campaign.points = {{"ber=0.01", {}, 0.01, 0.01, {}}};
    const auto point =
        json::parse(summaryJson(summarize(campaign, sampleTrials(campaign))))["points"][0];
    EXPECT_EQ(point["ber"], 0.01);
    EXPECT_TRUE(point.at("voltage").is_null());
    EXPECT_TRUE(point.at("voltage_v").is_null());
    EXPECT_TRUE(point.at("energy").at("per_inference_j").is_null());
    EXPECT_TRUE(point.at("energy").at("relative").is_null());
}

TEST(SummaryJson, HasTheSameBytesWhateverTheOrderOfTheTrials) {
    const auto campaign = sampleCampaign();
    auto trials = sampleTrials(campaign);
    const auto expected = summaryJson(summarize(campaign, trials));
    std::mt19937 random(23);
    for (int round = 0; round < 10; ++round) {
        std::shuffle(trials.begin(), trials.end(), random);
        EXPECT_EQ(summaryJson(summarize(campaign, trials)), expected);
    }
    EXPECT_THAT(expected, HasSubstr("\"mean\": 0.095,"));
}

TEST(SummaryCsv, HasOneLineARowAndAsManyFieldsAsItsHeader) {
    auto campaign = sampleCampaign();
    campaign.networks[0].name = "a \"quoted\", name";
    const auto csv = summaryCsv(summarize(campaign, sampleTrials(campaign)));
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
    EXPECT_THAT(csv, HasSubstr("\n\"a \"\"quoted\"\", name\",0.917,0.917,"));
    const auto lastLine = csv.substr(csv.rfind('\n', csv.size() - 2) + 1);
    const auto header = csv.substr(0, csv.find('\n'));
    EXPECT_EQ(std::count(lastLine.begin(), lastLine.end(), ','),
              std::count(header.begin(), header.end(), ','));
    const auto empty = summaryCsv(summarize(campaign, {}));
    const auto emptyLine = empty.substr(empty.rfind('\n', empty.size() - 2) + 1);
    EXPECT_EQ(std::count(emptyLine.begin(), emptyLine.end(), ','),
              std::count(header.begin(), header.end(), ','));
}

}  // namespace
}  // namespace brownout
