#include <gtest/gtest.h>

#include "emulation/scenario/scenario_summary.h"

namespace brownout {
namespace {

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

}  // namespace
}  // namespace brownout
