#include "profiles/generator/recipe.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "test_profiles.h"

namespace brownout {
namespace {

using testing::HasSubstr;

TEST(Recipe, TheFirstChipsAreTheOnesEverybodyGets) {
    // Pinned: published results depend on them. If this fails, the generator was changed and needs
    // another name ("iid" is taken).
    const RecipePreset preset = recipePreset("14nm-iid");
    std::string bytes;
    for (std::uint32_t chip = 0; chip < 3; ++chip) {
        bytes += bytesOf(drawChip(preset.recipe, preset.device.geometry, chip));
    }
    EXPECT_EQ(fingerprint(bytes), "93b1a633ff27e9f9cc31bc624638e403451bb8c8");
    Recipe stuck = preset.recipe;
    stuck.seed = 0xFEDCBA9876543210;
    stuck.shares = {0.2, 0.5, 0.3};
    EXPECT_EQ(fingerprint(bytesOf(drawChip(stuck, preset.device.geometry, 41))),
              "0872ac74f3adc826ab39c9b03c4e7645f3ee2867");
}

TEST(Recipe, AHigherFloorGivesTheSameCellsWithoutTheLowOnes) {
    const RecipePreset preset = recipePreset("14nm-iid", SramGeometry{4, 512, 64, 1});
    const Chip whole = drawChip(preset.recipe, preset.device.geometry, 3);
    for (double floor = 0.75; floor < 1.02; floor += 0.00731) {
        const auto expected = whole.cellsAbove(floor);
        const Chip part = drawChip(preset.recipe, preset.device.geometry, 3, floor);
        ASSERT_EQ(part.cells().size(), expected.size()) << floor;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            ASSERT_EQ(part.cells()[i].cell, expected[i].cell);
            ASSERT_EQ(part.cells()[i].criticalVoltage, expected[i].criticalVoltage);
        }
    }
    // The floor may be a cell's own critical voltage, where rounding could go either way.
    for (std::size_t i = 0; i < whole.cells().size(); i += 97) {
        const double floor = whole.cells()[i].criticalVoltage;
        EXPECT_EQ(drawChip(preset.recipe, preset.device.geometry, 3, floor).cells().size(),
                  whole.cellsAbove(floor).size());
    }
}

TEST(Recipe, ASmallerMemoryIsTheBeginningOfALargerOne) {
    const RecipePreset preset = recipePreset("14nm-iid");
    const SramGeometry small{2, 512, 64, 1};
    const SramGeometry large{5, 512, 64, 1};
    std::map<std::uint32_t, float> cells;
    const Chip whole = drawChip(preset.recipe, large, 0);
    for (const FaultyCell& cell : whole.cells()) {
        if (cell.cell < small.cells()) cells[cell.cell] = cell.criticalVoltage;
    }
    const Chip chip = drawChip(preset.recipe, small, 0);
    ASSERT_EQ(chip.cells().size(), cells.size());
    for (const FaultyCell& cell : chip.cells()) {
        EXPECT_EQ(cells.at(cell.cell), cell.criticalVoltage);
    }
}

TEST(Recipe, SharesOfBehaviourAreMetAndDoNotMoveTheCells) {
    const RecipePreset preset = recipePreset("14nm-iid", SramGeometry{8, 512, 64, 1});
    Recipe stuck = preset.recipe;
    stuck.shares = {0.25, 0.6, 0.15};
    const Chip flips = drawChip(preset.recipe, preset.device.geometry, 0);
    const Chip chip = drawChip(stuck, preset.device.geometry, 0);
    ASSERT_EQ(chip.cells().size(), flips.cells().size());
    double flipping = 0, at0 = 0, at1 = 0;
    for (std::size_t i = 0; i < chip.cells().size(); ++i) {
        const FaultyCell& cell = chip.cells()[i];
        ASSERT_EQ(cell.cell, flips.cells()[i].cell);
        ASSERT_EQ(cell.criticalVoltage, flips.cells()[i].criticalVoltage);
        ASSERT_TRUE((cell.p01 == 0 || cell.p01 == 1) && (cell.p10 == 0 || cell.p10 == 1));
        flipping += cell.p01 == 1 && cell.p10 == 1;
        at0 += cell.p01 == 0 && cell.p10 == 1;
        at1 += cell.p01 == 1 && cell.p10 == 0;
    }
    const auto count = static_cast<double>(chip.cells().size());
    EXPECT_EQ(flipping + at0 + at1, count);
    // Five standard deviations: 6e-7 each if the seed were not fixed.
    const auto near = [&](double seen, double share) {
        EXPECT_NEAR(seen, count * share, 5 * std::sqrt(count * share * (1 - share)));
    };
    near(flipping, 0.25);
    near(at0, 0.6);
    near(at1, 0.15);
}

TEST(Recipe, DifferentChipsAndSeedsAreUnrelated) {
    // Two independent chips share cells at rate^2: 0.2056^2 of 2^20 cells at the lowest voltage.
    RecipePreset preset = recipePreset("14nm-iid");
    const auto failing = [&](std::uint64_t seed, std::uint32_t chip) {
        preset.recipe.seed = seed;
        std::vector<bool> cells(preset.device.geometry.cells());
        const Chip drawn = drawChip(preset.recipe, preset.device.geometry, chip);
        for (const FaultyCell& cell : drawn.cells()) cells[cell.cell] = true;
        return cells;
    };
    const auto a = failing(1, 0);
    for (const auto& b : {failing(1, 1), failing(2, 0)}) {
        double shared = 0;
        for (std::size_t i = 0; i < a.size(); ++i) shared += a[i] && b[i];
        const double p = 0.2056 * 0.2056;
        const auto n = static_cast<double>(a.size());
        EXPECT_NEAR(shared, n * p, 5 * std::sqrt(n * p * (1 - p)));  // 6e-7 false alarms
    }
}

TEST(Recipe, RefusesWhatIsNoRecipe) {
    const Recipe good = recipePreset("14nm-iid").recipe;
    Recipe bad = good;
    bad.generator = "28nm";
    EXPECT_THAT(errorOf([&] { bad.validate(); }), HasSubstr("generator '28nm' is unknown"));
    bad = good;
    bad.chips = 0;
    EXPECT_THAT(errorOf([&] { bad.validate(); }), HasSubstr("0 chips"));
    bad = good;
    bad.shares = {0.5, 0.4, 0.2};
    EXPECT_THAT(errorOf([&] { bad.validate(); }), HasSubstr("sum to 1"));
    bad.shares = {std::nan(""), 0.5, 0.5};
    EXPECT_THAT(errorOf([&] { bad.validate(); }), HasSubstr("shares"));
}

TEST(Recipe, RefusesAChipOfMoreFailingCellsThanMemoryHolds) {
    const Recipe recipe = recipePreset("14nm-iid").recipe;
    const SramGeometry largest{1U << 17, 512, 64, 1};  // 2^32 cells
    EXPECT_THAT(errorOf([&] { drawChip(recipe, largest, 0); }), HasSubstr("at most 67108864"));
    EXPECT_NEAR(static_cast<double>(drawChip(recipe, largest, 0, 0.958).cells().size()), 8192,
                5 * std::sqrt(8192.0));
}

TEST(Preset, AnUnknownNameIsAUsageErrorThatListsTheKnownOnes) {
    try {
        recipePreset("3nm");
        FAIL();
    } catch (const UsageError& error) {
        EXPECT_THAT(error.what(), HasSubstr("14nm-iid"));
    }
    for (const std::string& name : recipePresetNames()) EXPECT_EQ(recipePreset(name).name, name);
}

}  // namespace
}  // namespace brownout
