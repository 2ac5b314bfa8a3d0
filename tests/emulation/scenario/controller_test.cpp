#include "emulation/scenario/controller.h"

#include <gtest/gtest.h>

#include "base/error.h"

// Controllers against chips of the simplest kind: an alarm below a level and none from it on.

namespace brownout {
namespace {

constexpr Level kTop = 40;

Sensed range(Level lowest = 0, Level highest = kTop) { return {lowest, highest, {}, {}, {}}; }

/// Runs an ECC controller on a chip that corrects `corrected(level)` words of a reading, and
/// returns the levels it asks for.
template <typename Corrected>
std::vector<Level> hunted(EccController controller, int intervals, Corrected corrected) {
    std::vector<Level> levels;
    Sensed sensed = range();
    for (int i = 0; i < intervals; ++i) {
        levels.push_back(controller.next(sensed));
        sensed.words = WordsSeen{1000, corrected(levels.back(), i), 0};
    }
    return levels;
}

TEST(SupplyGrid, GivesTheMultiplesOfAStepAndTheEndsAsTheyWereWritten) {
    const SupplyGrid grid = SupplyGrid::multiplesOf(0.05, 0.75, 1.0);
    ASSERT_EQ(grid.levels(), 6U);
    EXPECT_EQ(grid[0], 0.75);
    EXPECT_EQ(grid[5], 1.0);
    EXPECT_EQ(grid.atLeast(0.81), 2U);
    EXPECT_EQ(grid.atLeast(0.85 + 1e-13), 2U) << "noise of arithmetic";
    EXPECT_EQ(grid.atMost(0.84), 1U);
    EXPECT_THROW(grid.atLeast(1.01), Error);
    EXPECT_THROW(grid.atMost(0.7), Error);
    // Ends between two multiples are not supplies of the regulator.
    EXPECT_EQ(SupplyGrid::multiplesOf(0.1, 0.55, 0.97).supplies(),
              (std::vector<double>{0.6, 0.7, 0.8, 0.9}));
    EXPECT_THROW(SupplyGrid::multiplesOf(0.1, 0.91, 0.99), UsageError);
    EXPECT_THROW(SupplyGrid::multiplesOf(0, 0.5, 1), UsageError);
    EXPECT_THROW(SupplyGrid::multiplesOf(1e-9, 0.5, 1), UsageError);
}

TEST(Controller, FixedIsTheHighestThatIsAllowed) {
    FixedController controller;
    EXPECT_EQ(controller.next(range()), kTop);
    EXPECT_EQ(controller.next(range(0, 12)), 12U);
}

TEST(Controller, ATableTakesTheHigherOfTwoNeighboursAndDoesNotExtrapolate) {
    TableController controller({{0, 10}, {50, 20}, {80, 15}});
    Sensed sensed = range();
    const auto at = [&](double celsius) {
        sensed.temperatureC = celsius;
        return controller.next(sensed);
    };
    EXPECT_EQ(at(-20), 10U);
    EXPECT_EQ(at(0), 10U);
    EXPECT_EQ(at(1), 20U);
    EXPECT_EQ(at(50), 20U);
    EXPECT_EQ(at(70), 20U);
    EXPECT_EQ(at(80), 15U);
    EXPECT_EQ(at(120), 15U);
    sensed.temperatureC.reset();
    EXPECT_EQ(controller.next(sensed), 20U);
    sensed.lowest = 17;
    EXPECT_EQ(at(80), 17U);
    EXPECT_THROW(TableController({}), Error);
}

TEST(Controller, EccHuntsAroundTheLowestSupplyWithinItsBudget) {
    // More than 5 corrected words below level 12: 12 is what a search over all levels finds.
    const auto corrected = [](Level level, int) { return level >= 12 ? 5U : 6U; };
    const std::vector<Level> levels = hunted(EccController(5, 3), 60, corrected);
    EXPECT_EQ(levels[0], kTop);
    EXPECT_EQ(levels[28], 12U);
    EXPECT_EQ(levels[29], 11U);
    // Once below: up, three intervals of waiting, and the next try.
    EXPECT_EQ((std::vector<Level>(levels.begin() + 29, levels.begin() + 40)),
              (std::vector<Level>{11, 12, 12, 12, 12, 11, 12, 12, 12, 12, 11}));
}

TEST(Controller, ADetectedWordRaisesWhateverTheBudget) {
    EccController controller(1000, 0);
    Sensed sensed = range();
    controller.next(sensed);
    sensed.words = WordsSeen{1000, 0, 0};
    EXPECT_EQ(controller.next(sensed), kTop - 1);
    sensed.words = WordsSeen{1000, 0, 1};
    EXPECT_EQ(controller.next(sensed), kTop);
}

TEST(Controller, NothingReadIsNothingKnown) {
    EccController controller(0, 0);
    Sensed sensed = range();
    controller.next(sensed);
    sensed.words = WordsSeen{1000, 0, 0};
    EXPECT_EQ(controller.next(sensed), kTop - 1);
    sensed.words.reset();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(controller.next(sensed), kTop - 1);
}

TEST(Controller, EccFollowsALimitThatMovesUpAndDown) {
    const auto limit = [](int i) { return i < 60 ? 10U : i < 120 ? 16U : 8U; };
    const auto corrected = [&](Level level, int i) { return level >= limit(i) ? 0U : 1U; };
    const std::vector<Level> levels = hunted(EccController(0, 2), 200, corrected);
    for (const int i : {58, 118, 198}) {
        EXPECT_LE(levels[static_cast<std::size_t>(i)], limit(i)) << i;
        EXPECT_GE(levels[static_cast<std::size_t>(i)] + 1, limit(i)) << i;
    }
}

TEST(Controller, CanariesRaiseOneStepAndTheCeilingBounds) {
    CanaryController controller(1);
    Sensed sensed = range(36);
    std::vector<Level> levels;
    for (int i = 0; i < 12; ++i) {
        levels.push_back(controller.next(sensed));
        sensed.failedCanaries = levels.back() < 38 ? 2U : 0U;
    }
    EXPECT_EQ(levels, (std::vector<Level>{40, 39, 38, 37, 38, 38, 37, 38, 38, 37, 38, 38}));
    sensed.highest = 37;
    EXPECT_EQ(controller.next(sensed), 37U);
}

}  // namespace
}  // namespace brownout
