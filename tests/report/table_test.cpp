#include "tools/report/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/numbers.h"
#include "tests/results/sample_campaign.h"

namespace brownout {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t columnsOf(const std::string& line) {
    return static_cast<std::size_t>(std::count_if(
        line.begin(), line.end(), [](unsigned char byte) { return (byte & 0xc0) != 0x80; }));
}

std::vector<std::string> tableLines(const std::string& table) {
    std::vector<std::string> lines;
    std::istringstream stream(table);
    for (std::string line; std::getline(stream, line);) {
        if (line.rfind("  ", 0) == 0) lines.push_back(line);
    }
    return lines;
}

TEST(Table, HasABlockANetworkWithAlignedColumns) {
    const auto campaign = sampleCampaign();
    const auto table = summaryTable(summarize(campaign, sampleTrials(campaign)), false);
    const auto lines = tableLines(table);
    ASSERT_EQ(lines.size(), 6U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(columnsOf(lines[i]), columnsOf(lines[0]));
    for (std::size_t i = 3; i < 6; ++i) EXPECT_EQ(columnsOf(lines[i]), columnsOf(lines[3]));
    EXPECT_THAT(table, HasSubstr("robust8: 8 bit robust, stored as int8"));
    EXPECT_THAT(lines[0], HasSubstr("V/Vmin"));
    EXPECT_THAT(lines[1], HasSubstr("9.50 ± 3.00 [5.32, 52.05]"));
    EXPECT_THAT(lines[1], HasSubstr("578 nJ"));
    EXPECT_THAT(lines[1], HasSubstr("84.0"));
    EXPECT_THAT(table, HasSubstr("over 3 chips"));
    EXPECT_THAT(table, Not(HasSubstr("\033")));
}

TEST(Table, HasBoldHeadingsOnRequestOnly) {
    const auto campaign = sampleCampaign();
    EXPECT_THAT(summaryTable(summarize(campaign, {}), true), HasSubstr("\033[1mrobust8\033[0m"));
}

TEST(Table, InUniformModeHasNoVoltageAndNoEnergy) {
    auto campaign = sampleCampaign();
    campaign.profile.reset();
    campaign.points = {{"ber=0.01", {}, 0.01, 0.01, {}}};
    const auto heading =
        tableLines(summaryTable(summarize(campaign, sampleTrials(campaign)), false)).at(0);
    EXPECT_THAT(heading, Not(HasSubstr("V")));
    EXPECT_THAT(heading, Not(HasSubstr("energy")));
}

TEST(Table, WithACodecShowsWhatBecameOfTheWords) {
    auto campaign = sampleCampaign();
    campaign.protection = "secded";
    campaign.networks[0].protection = ProtectionSpec{"secded", 64, 8, 28, 4};
    auto trials = sampleTrials(campaign);
    for (auto& trial : trials) trial.counts.wordsCorrected = trial.counts.wordsRead / 4;
    const auto table = summaryTable(summarize(campaign, trials), false);
    const auto lines = tableLines(table);
    EXPECT_THAT(lines.at(0), HasSubstr("miscorrected %"));
    EXPECT_THAT(lines.at(1), HasSubstr(" 25 "));
    EXPECT_THAT(table, HasSubstr("protected by secded (8 check bits for 64)"));
    // 72 cells an access instead of 64, at 0.8403 of the energy: 94.5 %.
    EXPECT_THAT(lines.at(1), HasSubstr("94.5"));
}

TEST(Table, SaysWhenTheSpreadIsNotOverChips) {
    auto campaign = sampleCampaign();
    campaign.chips = 1;
    EXPECT_THAT(summaryTable(summarize(campaign, sampleTrials(campaign)), false),
                HasSubstr("over layout offsets, not over chips"));
    campaign.offsets = {0};
    const auto table = summaryTable(summarize(campaign, sampleTrials(campaign)), false);
    EXPECT_THAT(table, HasSubstr("nothing can be said about their spread"));
    EXPECT_THAT(tableLines(table).at(1), Not(HasSubstr("±")));
}

TEST(Table, SaysWhenTheCampaignIsUnfinished) {
    const auto campaign = sampleCampaign();
    auto trials = sampleTrials(campaign);
    trials.resize(5);
    EXPECT_THAT(summaryTable(summarize(campaign, trials), false), HasSubstr("5 of 24 trials"));
}

TEST(Numbers, AreAsShortAsTheyReadBack) {
    EXPECT_EQ(shortestNumber(0.1), "0.1");
    EXPECT_EQ(shortestNumber(1), "1");
    EXPECT_EQ(shortestNumber(7.2e-05), "7.2e-05");
    EXPECT_EQ(std::stod(shortestNumber(1.0 / 3)), 1.0 / 3);
    EXPECT_EQ(percent(0.12345), "12.35");
    EXPECT_EQ(humanNumber(0.0000123456, 3), "1.23e-05");
}

TEST(Numbers, OfEnergiesGetThePrefixThatFits) {
    EXPECT_EQ(humanEnergy(8.94e-7), "894 nJ");
    EXPECT_EQ(humanEnergy(1.5e-12), "1.50 pJ");
    EXPECT_EQ(humanEnergy(9.996e-10), "1.00 nJ");
    EXPECT_EQ(humanEnergy(12.345), "12.3 J");
    EXPECT_EQ(humanEnergy(0), "0 J");
}

TEST(Numbers, AreGroupedByThrees) {
    EXPECT_EQ(groupedNumber(7), "7");
    EXPECT_EQ(groupedNumber(1048576), "1\u202f048\u202f576");
}

}  // namespace
}  // namespace brownout
