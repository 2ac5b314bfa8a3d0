#include "emulation/berzad.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/error.h"
#include "model/random.h"

namespace brownout {
namespace {

constexpr std::uint64_t kImages = 100;
constexpr std::uint64_t kWrongClean = 20;

CampaignSpec campaignOf(const std::string& protocol, const std::vector<double>& rates,
                        std::uint32_t maps, double drop) {
    CampaignSpec campaign;
    campaign.networks.resize(1);
    campaign.networks[0].storedBits = 1'000'000;
    for (const double rate : rates) {
        PointSpec point;
        point.ber = rate;
        point.berExpected = rate;
        campaign.points.push_back(point);
    }
    campaign.chips = maps;
    campaign.search = BerzadSearch{protocol, drop};
    return campaign;
}

/// Images that faults take from a map, of those that are right without them.
using LostImages = std::function<int(double rate, std::uint32_t map)>;

TrialResult trialOf(const TrialKey& key, int lost) {
    TrialResult trial{key, {}, {}};
    trial.counts.images = kImages;
    trial.counts.wrongClean = kWrongClean;
    trial.counts.wrongPerturbed = kWrongClean + static_cast<std::uint64_t>(lost);
    trial.counts.bitsWrong = lost == 0 ? 0 : 1;
    return trial;
}

/// Runs a search to its end; `rounds` gets what it asked for.
Berzad search(const CampaignSpec& campaign, const LostImages& lost,
              std::vector<SearchRound>* rounds = nullptr) {
    std::vector<TrialResult> trials;
    for (;;) {
        const SearchState state = searchState(campaign, 0, trials);
        if (!state.next) return state.result;
        if (rounds != nullptr) rounds->push_back(*state.next);
        for (std::uint32_t map = state.next->firstChip; map < state.next->endChip; ++map) {
            const double rate = *campaign.points[state.next->point].ber;
            trials.push_back(trialOf({0, state.next->point, map, 0}, lost(rate, map)));
        }
        const auto isBefore = [](const TrialResult& a, const TrialResult& b) {
            return a.key < b.key;
        };
        if (!std::is_sorted(trials.begin(), trials.end(), isBefore)) {
            std::sort(trials.begin(), trials.end(), isBefore);
        }
    }
}

TEST(Berzad, StopsAtTheFirstRateWhoseDropIsNotShownToBeSmall) {
    const auto rates = searchRates("brownout", 1'000'000);
    EXPECT_EQ(rates.front(), 1e-6);
    EXPECT_EQ(rates[1], 2e-6);
    EXPECT_EQ(rates[2], 5e-6);
    EXPECT_EQ(rates.back(), 0.5);
    const CampaignSpec campaign = campaignOf("brownout", rates, 1000, 0.05);
    std::vector<SearchRound> rounds;
    const Berzad found = search(
        campaign, [](double rate, std::uint32_t) { return rate < 1e-4 ? 0 : 30; }, &rounds);
    EXPECT_EQ(found.berzadD, 5e-5);
    EXPECT_EQ(found.berzad, 5e-5);
    EXPECT_FALSE(found.berzadDIsLast);
    EXPECT_EQ(found.decisions.size(), 7U);
    // 62 maps without a drop show it below 5 %: four rounds of 20. A drop of 30 % shows in one.
    EXPECT_EQ(found.decisions.front().maps, 80U);
    EXPECT_EQ(found.decisions.back().maps, 20U);
    EXPECT_EQ(rounds.size(), 6U * 4 + 1);
    EXPECT_EQ(found.trials, 6U * 80 + 20);
    EXPECT_EQ(found.faultlessTrials, 6U * 80);
    EXPECT_EQ(found.imageInferences, 20U * kImages);
}

TEST(Berzad, GoesOnWhereAccuracyDropsALittle) {
    const CampaignSpec campaign = campaignOf("brownout", {1e-4, 1e-3, 1e-2, 1e-1}, 1000, 0.05);
    const Berzad found = search(campaign, [](double rate, std::uint32_t) {
        return rate < 5e-4 ? 0 : rate < 0.05 ? 1 : 40;
    });
    EXPECT_EQ(found.berzad, 1e-4);
    EXPECT_EQ(found.berzadD, 1e-2);
}

TEST(Berzad, LeavesRatesBelowOneExpectedFaultOfAPartOut) {
    CampaignSpec campaign = campaignOf("brownout", searchRates("brownout", 1'000'000), 200, 0.05);
    campaign.networks[0].selection = SelectionSpec{{}, 3, 1000};
    std::vector<SearchRound> rounds;
    search(
        campaign, [](double, std::uint32_t) { return 50; }, &rounds);
    EXPECT_EQ(*campaign.points[rounds.front().point].ber, 1e-3);
}

TEST(Berzad, SaysWhereNoRateFailsOrEveryOneDoes) {
    const CampaignSpec campaign = campaignOf("brownout", {1e-3, 1e-2, 1e-1}, 200, 0.05);
    const Berzad all = search(campaign, [](double, std::uint32_t) { return 0; });
    EXPECT_EQ(all.berzadD, 1e-1);
    EXPECT_TRUE(all.berzadDIsLast);
    EXPECT_TRUE(all.berzadIsLast);
    const Berzad none = search(campaign, [](double, std::uint32_t) { return 40; });
    EXPECT_FALSE(none.berzadD);
    EXPECT_FALSE(none.berzad);
    EXPECT_EQ(none.decisions.size(), 1U);
}

TEST(Berzad, GoesUpByTensInTheProtocolOfThePaperAndThenBetween) {
    const CampaignSpec campaign = campaignOf("dft2021", searchRates("dft2021", 1), 20, 0.01);
    ASSERT_EQ(campaign.points.size(), 81U);
    EXPECT_EQ(*campaign.points.front().ber, 1e-9);
    EXPECT_EQ(*campaign.points.back().ber, 9e-1);
    std::vector<double> tried;
    const LostImages lost = [&](double rate, std::uint32_t map) {
        if (map == 0) tried.push_back(rate);
        return rate > 4.5e-6 ? 15 : 0;
    };
    const Berzad found = search(campaign, lost);
    EXPECT_EQ(found.berzad, 4e-6);
    EXPECT_EQ(tried, (std::vector<double>{1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 2e-6, 3e-6, 4e-6, 5e-6}));
    for (const RateDecision& decision : found.decisions) EXPECT_EQ(decision.maps, 20U);
    // 20 maps cannot show a drop below 1 point.
    EXPECT_FALSE(found.berzadD);
}

// Worked out by hand: drops of 1, 2, 3, 4 points have mean 2.5 and t(0.975, 3) s / 2 = 2.054.
TEST(Berzad, GoesByStudentsIntervalOfThePairedDrop) {
    CampaignSpec campaign = campaignOf("listed", {1e-3}, 4, 0.01);
    std::vector<TrialResult> trials;
    for (std::uint32_t map = 0; map < 4; ++map) {
        trials.push_back(trialOf({0, 0, map, 0}, static_cast<int>(map) + 1));
    }
    RateDecision decision = berzadsOf(campaign, trials).at(0).decisions.at(0);
    EXPECT_NEAR(decision.drop, 0.025, 1e-12);
    EXPECT_NEAR(decision.ci95->low, 0.025 - 0.02054, 1e-5);
    EXPECT_NEAR(decision.ci95->high, 0.025 + 0.02054, 1e-5);
    EXPECT_FALSE(decision.noDrop);
    EXPECT_EQ(decision.deadShare, 0);
    trials[3] = trialOf({0, 0, 3, 0}, 41);  // dead: 41 of 80 right images
    decision = berzadsOf(campaign, trials).at(0).decisions.at(0);
    EXPECT_TRUE(decision.noDrop);
    EXPECT_EQ(decision.deadShare, 0.25);
    // Top classes count where the campaign has them.
    for (TrialResult& trial : trials) {
        trial.counts.wrongCleanTop = 10;
        trial.counts.wrongPerturbedTop = 10;
    }
    decision = berzadsOf(campaign, trials).at(0).decisions.at(0);
    EXPECT_EQ(decision.drop, 0);
}

// 80 of 100 images are right without faults, of which tables (Clopper and Pearson) have the
// interval 0.7082 to 0.8733. Twenty maps that all lose nine stay within it, and with ten they
// don't; one dead map of twenty costs less than that, and three cost more, however wide an interval
// over twenty maps they make.
TEST(Berzad, GoesByTheIntervalOfTheAccuracyWithoutFaultsByTheProtocolOfThePaper) {
    const auto decisionOf = [](const char* protocol, int lost, std::uint32_t dead) {
        const CampaignSpec campaign = campaignOf(protocol, {1e-9}, 20, 0.01);
        std::vector<TrialResult> trials;
        for (std::uint32_t map = 0; map < 20; ++map) {
            trials.push_back(trialOf({0, 0, map, 0}, map < dead ? 80 : lost));
        }
        return berzadsOf(campaign, trials).at(0).decisions.at(0);
    };
    EXPECT_NEAR(*decisionOf("dft2021", 9, 0).cleanMargin, 0.8 - 0.7082, 1e-4);
    EXPECT_TRUE(decisionOf("dft2021", 9, 0).noDrop);
    EXPECT_FALSE(decisionOf("dft2021", 10, 0).noDrop);
    EXPECT_TRUE(decisionOf("dft2021", 0, 1).noDrop);
    EXPECT_FALSE(decisionOf("dft2021", 0, 3).noDrop);
    // The interval over maps says the contrary of both.
    EXPECT_FALSE(decisionOf("listed", 2, 0).noDrop);
    EXPECT_TRUE(decisionOf("listed", 0, 3).noDrop);
    EXPECT_FALSE(decisionOf("listed", 2, 0).cleanMargin);
}

TEST(Berzad, NeedsWrongImagesAndAKnownProtocol) {
    const CampaignSpec campaign = campaignOf("listed", {1e-3}, 1, 0.01);
    EXPECT_THROW(berzadsOf(campaign, {TrialResult{{0, 0, 0, 0}, {}, {}}}), Error);
    EXPECT_THROW(searchRates("other", 1), UsageError);
}

// Campaigns whose mean drop at every rate is known: a map dies (80 % of the images) with a
// probability that grows with the rate, and loses a few images otherwise. BERZAD_d must not exceed
// the largest rate whose true drop is below d in more than 5 % of 1,000 campaigns. 71 are three
// standard errors above; chance would get there once in 700 runs if the share were 5 %.
TEST(Berzad, ExceedsTheTrueRateInOneOfTwentyCampaignsAtMost) {
    constexpr double kDrop = 0.05;
    const CampaignSpec campaign =
        campaignOf("brownout", {1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3}, 400, kDrop);
    const auto deathsAt = [](double rate) { return 1 - std::exp(-rate * 300); };
    const auto noiseAt = [](double rate) { return std::min(0.2, 20 * rate); };
    const auto trueDrop = [&](double rate) {
        return 0.8 * deathsAt(rate) + (1 - deathsAt(rate)) * noiseAt(rate) * 0.02;
    };
    double truth = 0;
    for (const PointSpec& point : campaign.points) {
        if (trueDrop(*point.ber) <= kDrop) truth = *point.ber;
    }
    ASSERT_EQ(truth, 2e-4);
    // The next rate is hardly over the limit, the hardest case.
    int exceeded = 0, found = 0;
    for (std::uint32_t run = 0; run < 1000; ++run) {
        const Berzad result = search(campaign, [&](double rate, std::uint32_t map) {
            RandomStream random(run, RandomDomain::kTraffic, map,
                                static_cast<std::uint32_t>(rate * 1e6));
            // The first rate above the truth gets a drop of 5.1 points.
            const double deaths = rate == 5e-4 ? 0.0637 : deathsAt(rate);
            if (random.uniform() < deaths) return 80;
            return random.uniform() < noiseAt(rate) ? 2 : 0;
        });
        exceeded += result.berzadD.value_or(0) > truth;
        found += result.berzadD == truth;
    }
    EXPECT_LE(exceeded, 71);
    EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace brownout
