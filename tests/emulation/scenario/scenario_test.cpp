#include "emulation/scenario/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "emulation/scenario/scenario_memory.h"
#include "emulation/scenario/scenario_summary.h"
#include "profiles/profile_chips.h"
#include "tests/emulation/scenario/scenario_cases.h"

// Whole scenarios against closed forms and counts made anew.

namespace brownout {
namespace {

using test::runOn;
using test::scenarioRequest;
using test::writeWarmProfile;
using testing::HasSubstr;

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
