#include "emulation/scenario/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "emulation/scenario/scenario_memory.h"
#include "emulation/scenario/scenario_summary.h"
#include "model/functional_memory.h"
#include "profiles/profile_chips.h"
#include "tests/emulation/scenario/scenario_cases.h"

// Whole scenarios against searches over all supplies, closed forms, and counts made anew.

namespace brownout {
namespace {

using test::scenarioRequest;
using test::WarmChips;
using test::writeWarmProfile;
using testing::HasSubstr;

ScenarioResult runOn(const ScenarioRequest& request, unsigned threads = 2) {
    return Scenario(request).run(threads, [] {});
}

/// Searches every supply of the regulator, from the highest down, for the lowest at which the words
/// of a network, read through a memory's port, show at most `budget` corrected and no detected
/// error, there and above.
Level searched(const ScenarioRequest& request, const std::vector<double>& supplies,
               std::uint32_t chip, std::optional<double> temperatureC) {
    const auto chips = std::make_shared<ProfileChips>(*request.memory.profile);
    FunctionalMemory memory(chips, makeProtection("secded", 64));
    const EncodedNetwork network(request.network.network, request.network.formats.front(),
                                 request.network.store);
    const MemoryMap map = layOut(network, memory.placement(), {});
    memory.insert({request.seed, chip, 0});
    std::vector<Word> words(map.imageWords());
    std::vector<WordStatus> statuses(words.size());
    const double highest = request.memory.profile->supplies().highest() +
                           request.memory.profile->supplies().shiftAt(temperatureC);
    for (auto level = static_cast<Level>(supplies.size()); level-- > 0;) {
        // The words lie one behind the other; their content doesn't matter to a flipping cell.
        memory.setSupply(OperatingPoint{std::min(supplies[level], highest), temperatureC});
        memory.read(0, words, statuses);
        const auto count = [&](WordStatus status) {
            return static_cast<std::uint64_t>(std::count(statuses.begin(), statuses.end(), status));
        };
        if (count(WordStatus::kDetected) > 0 ||
            count(WordStatus::kCorrected) > request.policy.budget) {
            return level + 1;
        }
    }
    return 0;
}

TEST(Scenario, EccFindsTheSupplyOfASearchOverAllWithinOneStep) {
    for (const std::uint64_t budget : {0U, 8U, 100000U}) {
        ScenarioRequest request = scenarioRequest("0,,,\n120,,,\n");
        request.policy.name = "ecc";
        request.policy.budget = budget;
        request.chips = 8;
        const ScenarioResult result = runOn(request);
        for (const ChipScenario& chip : result.chips) {
            const Level best = searched(request, result.supplies, chip.chip, {});
            ASSERT_GT(best, 0U);
            ASSERT_LT(best + 1, result.supplies.size());
            // It hunts: the supply that alarms is tried again and again.
            for (std::size_t i = 60; i < chip.intervals.size(); ++i) {
                EXPECT_LE(chip.intervals[i].level, best) << chip.chip << " " << i;
                EXPECT_GE(chip.intervals[i].level + 1, best) << chip.chip << " " << i;
            }
        }
    }
}

TEST(Scenario, EccFollowsATemperatureStep) {
    const TemporaryFolder folder;
    writeWarmProfile(folder.path() / "warm.h5");
    ScenarioRequest request = scenarioRequest("0,25,,\n80,65,,\n160,25,,\n240,,,\n");
    request.memory.profile = Profile::open(folder.path() / "warm.h5");
    request.policy.name = "ecc";
    request.policy.patience = 4;
    const ScenarioResult result = runOn(request);
    for (const ChipScenario& chip : result.chips) {
        const Level cold = searched(request, result.supplies, chip.chip, 25);
        const Level hot = searched(request, result.supplies, chip.chip, 65);
        EXPECT_EQ(hot, cold + 4) << "40 degrees are four steps of 0.005 Vmin";
        const auto near = [&](std::size_t first, std::size_t last, Level best) {
            for (std::size_t i = first; i < last; ++i) {
                EXPECT_LE(chip.intervals[i].level, best) << i;
                EXPECT_GE(chip.intervals[i].level + 1, best) << i;
            }
        };
        near(60, 80, cold);
        near(90, 160, hot);
        near(200, 240, cold);
        EXPECT_GT(chip.intervals[80].counts->corrected, request.policy.budget) << "too hot at once";
    }
}

TEST(Scenario, CanariesKeepTheAccuracyOrTheReportSaysOnWhichChips) {
    ScenarioRequest request = scenarioRequest("0,,,\n40,,,\n", 100);
    request.policy.name = "canary";
    request.memory.protections = {"none"};
    request.chips = 50;
    request.regulator.step = 0.01;
    std::size_t below = 0;
    for (const double rate :
         {1e-4, 1e-2}) {  // one that the network stands, and one that it doesn't
        request.policy.rate = rate;
        const ScenarioResult result = runOn(request);
        const ScenarioSummary summary = summarize(result, request.drop);
        std::vector<std::uint32_t> expected;
        for (const ChipScenario& chip : result.chips) {
            EXPECT_EQ(chip.canaries.size(), 8U);
            const bool fell = std::any_of(
                chip.intervals.begin(), chip.intervals.end(), [&](const IntervalResult& now) {
                    return now.counts->wrong > result.wrongClean + 1;  // 1 % of 100 images
                });
            if (fell) expected.push_back(chip.chip);
        }
        EXPECT_EQ(summary.chipsBelow, expected);
        if (rate == 1e-4) {
            EXPECT_THAT(summary.chipsBelow, testing::IsEmpty());
            EXPECT_GT(summary.saving->ci95->low, 0.1);
        }
        below += expected.size();
    }
    EXPECT_GT(below, 5U) << "the second rate is to be too much for some chips";
}

TEST(Scenario, CanariesAreRaisedAsSoonAsOneFails) {
    ScenarioRequest request = scenarioRequest("0,,,\n60,,,\n");
    request.policy.name = "canary";
    const ScenarioResult result = runOn(request);
    for (const ChipScenario& chip : result.chips) {
        int raised = 0;
        for (std::size_t i = 1; i < chip.intervals.size(); ++i) {
            if (chip.intervals[i - 1].failedCanaries == 0) continue;
            EXPECT_EQ(chip.intervals[i].level, chip.intervals[i - 1].level + 1);
            ++raised;
        }
        EXPECT_GT(raised, 0);
    }
}

TEST(Scenario, ATableHoldsTheRateItWasMadeForAtTheTemperatureOfItsTest) {
    const TemporaryFolder folder;
    writeWarmProfile(folder.path() / "warm.h5");
    ScenarioRequest request = scenarioRequest("0,25,,\n5,65,,\n10,,,\n");
    request.memory.profile = Profile::open(folder.path() / "warm.h5");
    request.policy.name = "table";
    ProfileChips chips(*request.memory.profile);
    const double most = 1e-4 * static_cast<double>(chips.geometry().cells());
    const auto failing = [&](std::uint32_t chip, double supply, double celsius) {
        return static_cast<double>(chips.faults(chip, {supply, celsius})->failingCells());
    };
    const ScenarioResult cold = runOn(request);
    request.policy.testTemperaturesC = {25, 65};
    const ScenarioResult both = runOn(request);
    for (std::uint32_t chip = 0; chip < 2; ++chip) {
        const double supply = cold.supplies[cold.chips[chip].intervals[0].level];
        EXPECT_LE(failing(chip, supply, 25), most);
        EXPECT_GT(failing(chip, supply - 0.005, 25), most);
        EXPECT_EQ(cold.chips[chip].intervals[9].level, cold.chips[chip].intervals[0].level)
            << "a table of one temperature knows no other";
        EXPECT_GT(failing(chip, supply, 65), most);
        EXPECT_EQ(both.chips[chip].intervals[9].level, both.chips[chip].intervals[0].level + 4);
    }
}

TEST(Scenario, EnergyOfAKnownTraceIsTheClosedForm) {
    const TemporaryFolder folder;
    writeWarmProfile(folder.path() / "warm.h5");
    // 10 s at 1, 5 s at 0.9 without load, 2.5 s at 1 with half a load.
    ScenarioRequest request = scenarioRequest("0,25,1,1\n10,,0,0.9\n15,,0.5,1\n17.5,,,\n");
    request.memory.profile = Profile::open(folder.path() / "warm.h5");
    request.regulator.supply = {0.1, 0.25};  // a second for 0.1, and a quarter to settle
    request.regulator.railF = 2e-6;
    request.regulator.efficiency = 0.75;
    request.vminV = 0.5;
    const ScenarioResult result = runOn(request);

    const EncodedNetwork network(request.network.network, request.network.formats.front(),
                                 request.network.store);
    const auto words = static_cast<double>(
        layOut(network, CheckPlacement(request.memory.profile->device().geometry, 8), {})
            .imageWords());
    // 100 inferences a second; intervals of one second, and in the first after the ramp back, too.
    const double inferences = 100 * 10 + 50 * 2.5 - 50;  // the ramp takes longer than an interval
    const double accessJ = inferences * words * 72 / 64 * 1e-12;
    const double k = std::log(4.0) / 0.25;
    const auto leakageW = [&](double supply) { return 1e-3 * std::exp(k * (supply - 0.8)); };
    const double rampJ = (leakageW(1) - leakageW(0.9)) / (k * 0.1);  // of one second
    const double leakageJ =
        32 * (10 * leakageW(1) + rampJ + 4 * leakageW(0.9) + rampJ + 1.5 * leakageW(1));
    const double moveJ = 0.25 * 2e-6 * (0.5 * 0.5 - 0.45 * 0.45);
    const ScenarioEnergy& energy = result.chips[0].energy;
    EXPECT_NEAR(energy.accessJ, accessJ, 1e-12 * accessJ);
    EXPECT_NEAR(energy.leakageJ, leakageJ, 1e-12 * leakageJ);
    EXPECT_NEAR(energy.transitionJ, 2 * moveJ, 1e-12 * moveJ);
    EXPECT_NEAR(result.chips[0].guardBandJ, energy.totalJ(), 1e-12 * energy.totalJ())
        << "the fixed policy is the guard band";
    const ScenarioSummary summary = summarize(result, 0.01);
    EXPECT_NEAR(summary.chips[0].transitionS, 2.5, 1e-9);
    EXPECT_EQ(summary.chips[0].moves, 2U);
    EXPECT_EQ(summary.chips[0].missed, 50) << "of the interval in which the supply ramped";
    EXPECT_NEAR(summary.chips[0].inferences, inferences, 1e-9);
    EXPECT_NEAR(summary.chips[0].supply.mean, (12.5 + 0.9 * 5) / 17.5, 1e-12);
}

TEST(Scenario, WithoutLoadNothingIsReadAndTheSupplyStays) {
    ScenarioRequest request = scenarioRequest("0,,1,\n10,,0,\n20,,1,\n30,,,\n");
    request.policy.name = "ecc";
    const ScenarioResult result = runOn(request);
    for (const ChipScenario& chip : result.chips) {
        EXPECT_EQ(chip.intervals[9].level + 1, chip.intervals[8].level);
        EXPECT_EQ(chip.intervals[10].level + 1, chip.intervals[9].level);
        for (std::size_t i = 10; i < 20; ++i) {
            EXPECT_FALSE(chip.intervals[i].counts);
            EXPECT_EQ(chip.intervals[i].energy.totalJ(), 0);  // the profile has no leakage
            EXPECT_EQ(chip.intervals[i].level, chip.intervals[10].level);
        }
        EXPECT_TRUE(chip.intervals[20].counts);
    }
}

TEST(Scenario, IsTheSameForAnyNumberOfThreadsAndAnyCompany) {
    const TemporaryFolder folder;
    writeWarmProfile(folder.path() / "noisy.h5", {5e-4, 0.004, 5});
    ScenarioRequest request = scenarioRequest("0,25,,\n30,45,,\n50,,,\n");
    request.memory.profile = Profile::open(folder.path() / "noisy.h5");
    request.policy.name = "ecc";
    request.chips = 5;
    const ScenarioResult one = runOn(request, 1);
    const ScenarioResult four = runOn(request, 4);
    request.chips = 3;
    const ScenarioResult fewer = runOn(request, 2);
    const auto same = [](const IntervalResult& a, const IntervalResult& b) {
        return a.level == b.level && a.ready == b.ready &&
               a.counts->corrected == b.counts->corrected &&
               a.counts->detected == b.counts->detected && a.counts->silent == b.counts->silent &&
               a.counts->wrong == b.counts->wrong && a.energy.totalJ() == b.energy.totalJ();
    };
    bool noisy = false;
    for (std::size_t c = 0; c < 5; ++c) {
        const auto& intervals = one.chips[c].intervals;
        EXPECT_TRUE(
            std::equal(intervals.begin(), intervals.end(), four.chips[c].intervals.begin(), same));
        if (c < 3) {
            EXPECT_TRUE(std::equal(intervals.begin(), intervals.end(),
                                   fewer.chips[c].intervals.begin(), same));
        }
        for (std::size_t i = 40; i + 1 < 50; ++i) {
            if (intervals[i].level != intervals[i + 1].level) continue;
            noisy |= intervals[i].counts->corrected != intervals[i + 1].counts->corrected;
        }
    }
    EXPECT_TRUE(noisy) << "cells that fail sometimes are to be drawn for each interval";
}

TEST(Scenario, ASupplyThatComesAgainIsReadOnceUnlessCellsFailSometimes) {
    const TemporaryFolder folder;
    writeWarmProfile(folder.path() / "noisy.h5", {5e-4, 0.004, 1});
    for (const bool noisy : {false, true}) {
        ScenarioRequest request = scenarioRequest("0,,,\n10,,,\n");
        if (noisy) request.memory.profile = Profile::open(folder.path() / "noisy.h5");
        const Profile& profile = *request.memory.profile;
        const ScenarioSubject subject = scenarioSubject(request.network, *request.data,
                                                        request.memory, profile.device().geometry);
        FunctionalScenarioMemory memory(subject, std::make_shared<ProfileChips>(profile), 1);
        memory.insert(0, {1}, {});
        std::vector<std::uint64_t> wrongWords;
        for (std::uint32_t load = 0; load < 6; ++load) {
            const Reading reading = memory.read({{load % 2 == 0 ? 0.9 : 0.91}, load, load});
            wrongWords.push_back(reading.counts.wordsCorrected + reading.counts.wordsDetected);
        }
        EXPECT_EQ(memory.readingsMade(), noisy ? 6U : 2U);
        EXPECT_EQ(wrongWords[0] == wrongWords[2], !noisy);
        memory.insert(0, {1}, {});
        const TrialCounts again = memory.read({{0.9}, 0, 0}).counts;
        EXPECT_EQ(again.wordsCorrected + again.wordsDetected, wrongWords[0]);
    }
}

TEST(Scenario, AboveWhatAProfileKnowsItsChipsAreAsAtTheHighestSupplyItKnows) {
    const TemporaryFolder folder;
    writeWarmProfile(folder.path() / "short.h5", {5e-4, 0, 2, 0.92});
    ScenarioRequest request = scenarioRequest("0,25,,\n1,,,0.92\n2,,,\n");
    request.memory.profile = Profile::open(folder.path() / "short.h5");
    for (const ChipScenario& chip : runOn(request).chips) {
        EXPECT_GT(chip.intervals[0].counts->corrected, 0U);
        EXPECT_EQ(chip.intervals[0].counts->corrected, chip.intervals[1].counts->corrected);
    }
}

TEST(ScenarioSummary, WeighsBySecondsAndInferencesAndNamesAChipForOneInterval) {
    // Supplies 0.8 and 1; 10 % wrong without faults, and 12 % once where a point may be lost.
    ScenarioResult result;
    result.supplies = {0.8, 1};
    result.images = 100;
    result.wrongClean = 10;
    result.hasEnergy = true;
    const auto seconds = [](double time) { return picosecondsIn(time); };
    result.intervals = {{0, seconds(1), {}, 1, 100, 0, 1},
                        {seconds(1), seconds(4), {}, 1, 300, 0, 1},
                        {seconds(4), seconds(5), {}, 0.5, 50, 0, 1}};
    const auto reading = [](std::uint64_t wrong) {
        return ReadingCounts{1000, 4, 0, 0, 0, wrong, wrong};
    };
    ChipScenario chip{7, {}, {}, 8, {}};
    chip.intervals = {{0, seconds(0.25), reading(12), 0, {1, 0, 0}},
                      {0, seconds(1), reading(11), 0, {3, 0, 0}},
                      {1, seconds(5), std::nullopt, 0, {0, 0, 0.5}}};
    chip.energy = {4, 0, 0.5};
    ChipScenario other = chip;
    other.chip = 9;
    other.intervals[0].counts = reading(11);
    result.chips = {chip, other};

    const ScenarioSummary summary = summarize(result, 0.01);
    EXPECT_EQ(summary.chipsBelow, std::vector<std::uint32_t>{7});
    const ChipSummary& one = summary.chips[0];
    EXPECT_EQ(one.intervalsBelow, 1U);
    EXPECT_EQ(one.inferencesBelow, 100);
    EXPECT_EQ(one.inferences, 400);
    EXPECT_EQ(one.missed, 50);
    EXPECT_NEAR(*one.error, (0.12 * 100 + 0.11 * 300) / 400, 1e-12);
    EXPECT_EQ(*one.worstError, 0.12);
    EXPECT_NEAR(one.supply.mean, (0.8 * 4 + 1 * 1) / 5, 1e-12);
    EXPECT_NEAR(one.transitionS, 1.25, 1e-12);
    EXPECT_EQ(one.moves, 2U);
    EXPECT_NEAR(*one.saving, 1 - 4.5 / 8, 1e-12);
    EXPECT_NEAR(summary.intervals[0].error->mean, 0.115, 1e-12);
    EXPECT_EQ(summary.intervals[0].worstError, 0.12);
    EXPECT_NEAR(summary.intervals[1].powerW, 1, 1e-12);
    EXPECT_EQ(summary.intervals[2].reading, 0U);
    EXPECT_FALSE(summary.intervals[2].error);
}

TEST(Scenario, WhatCannotBeIsOneLine) {
    const auto problemOf = [](const ScenarioRequest& request) -> std::string {
        try {
            Scenario scenario(request);
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    };
    ScenarioRequest request = scenarioRequest("0,,,\n10,,,\n");
    request.policy.name = "magic";
    EXPECT_THAT(problemOf(request), HasSubstr("policy: 'magic'; expected fixed, table, canary"));
    request.policy.name = "ecc";
    request.memory.protections = {"none"};
    EXPECT_THAT(problemOf(request), HasSubstr("ecc needs a protection that reports errors"));
    request = scenarioRequest("0,85,,\n10,,,\n");
    EXPECT_THAT(problemOf(request), HasSubstr("doesn't say at which temperature"));
    request = scenarioRequest("0,,,0.7\n10,,,\n");
    EXPECT_THAT(problemOf(request), HasSubstr("trace.csv: supply 0.7"));
    request = scenarioRequest("0,,,0.76\n5,,,1\n10,,,\n");
    request.regulator.step = 0.07;  // 0.77 is too high, 0.7 not known
    EXPECT_THAT(problemOf(request), HasSubstr("step: the regulator has no supply between"));
    request = scenarioRequest("0,,,1.1\n10,,,\n");
    EXPECT_THAT(problemOf(request), HasSubstr("outside the energy table"));
    request = scenarioRequest("0,,,\n10,,,\n");
    request.regulator.railF = 1e-6;
    EXPECT_THAT(problemOf(request), HasSubstr("rail: needs supplies in volts"));
    request = scenarioRequest("0,,,\n10,,,\n");
    request.intervalS = 1e-6;
    EXPECT_THAT(problemOf(request), HasSubstr("interval: '1e-06'; expected longer ones"));
    request.intervalS = 1;
    request.chips = 65;
    EXPECT_THAT(problemOf(request), HasSubstr("chips: 65; "));
    request.chips = 1;
    request.policy = {"table", 1e-4, {}, request.memory.profile};
    EXPECT_THAT(problemOf(request), HasSubstr("has no measurement"));
}

}  // namespace
}  // namespace brownout
