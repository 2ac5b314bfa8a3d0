#include <gtest/gtest.h>

#include "base/temporary_files.h"
#include "profiles/simulated_measurement.h"
#include "profiles/statistics/population_fit.h"
#include "profiles/validate.h"
#include "test_profiles.h"

// The shipped recipes and sample chips against what profiles/make-samples makes them from: content,
// not dates and versions.

namespace brownout {
namespace {

Profile shipped(const std::string& name) {
    return Profile::open(BROWNOUT_SOURCE_DIR "/profiles/" + name);
}

RecipePreset oneChipOf(const std::string& name) {
    RecipePreset preset = recipePreset(name);
    preset.recipe.chips = 1;
    preset.recipe.seed = 14;
    return preset;
}

void expectSameCells(const Profile& a, const Profile& b) {
    ASSERT_EQ(a.device().geometry, b.device().geometry);
    ASSERT_EQ(a.chipCount(), b.chipCount());
    ASSERT_EQ(a.encoding(), b.encoding());
    ASSERT_EQ(a.referenceVoltages(), b.referenceVoltages());
    for (const double voltage : a.referenceVoltages()) {
        const auto here = cellsAt(a, 0, {voltage});
        const auto there = cellsAt(b, 0, {voltage});
        ASSERT_EQ(here.size(), there.size()) << voltage;
        for (std::size_t i = 0; i < here.size(); ++i) {
            ASSERT_EQ(here[i].cell, there[i].cell);
            ASSERT_EQ(here[i].p01, there[i].p01);
            ASSERT_EQ(here[i].p10, there[i].p10);
        }
    }
}

TEST(ShippedRecipes, AreTheirPresets) {
    for (const char* name : {"14nm-columns", "28nm-column"}) {
        const Profile profile = shipped(std::string(name) + ".h5");
        const TemporaryFolder folder;
        const RecipePreset preset = recipePreset(name);
        writeRecipeProfile(folder / "new.h5", headerOf(preset), preset.recipe);
        ASSERT_TRUE(profile.recipe() && profile.recipe()->spatial);
        EXPECT_EQ(profile.recipe()->seed, preset.recipe.seed);
        EXPECT_EQ(profile.chipCount(), preset.recipe.chips);
        EXPECT_EQ(profile.energy()->source(), preset.energy.source());
        expectSameCells(profile, Profile::open(folder / "new.h5"));
    }
}

TEST(SampleChips, OfIndependentCellsHoldsTheirCriticalVoltages) {
    const TemporaryFolder folder;
    const RecipePreset preset = oneChipOf("14nm-iid");
    const Recipe& recipe = preset.recipe;
    writeThresholdProfile(
        folder / "new.h5", headerOf(preset), {1, recipe.lowestVoltage(), recipe.highestVoltage()},
        [&](std::uint32_t chip) { return drawChip(recipe, preset.device.geometry, chip); });
    const Profile sample = shipped("samples/14nm-iid-chip.h5");
    expectSameCells(sample, Profile::open(folder / "new.h5"));
    EXPECT_LT(std::filesystem::file_size(sample.path()), 2'000'000U);
}

TEST(SampleChips, AlongColumnsAreCountsOfAHundredReads) {
    for (const char* name : {"14nm-columns", "28nm-column"}) {
        const TemporaryFolder folder;
        const RecipePreset preset = oneChipOf(name);
        writeRecipeProfile(folder / "recipe.h5", headerOf(preset), preset.recipe);
        SimulatedMeasurement measurement;
        measurement.voltages = preset.referenceVoltages;
        measureProfile(Profile::open(folder / "recipe.h5"), folder / "new.h5", measurement);
        const Profile sample = shipped("samples/" + std::string(name) + "-chip.h5");
        expectSameCells(sample, Profile::open(folder / "new.h5"));
        EXPECT_LT(std::filesystem::file_size(sample.path()), 2'000'000U);
        EXPECT_FALSE(hasError(validateProfile(sample.path())));
    }
}

// One chip read a hundred times: its columns are its blocks, and read noise has to be told from
// cells that fail sometimes. Stated errors for one chip: 0.15 in the share of the columns.
TEST(SampleChips, OfOneMeasuredChipTheFitFindsThePopulation) {
    const PopulationFit columns = fitPopulation({shipped("samples/28nm-column-chip.h5")});
    EXPECT_NEAR(columns.columnShare->value, 0.45, 0.15);
    // So few cells fail that hardly two share a row: that is not a correlation of -1.
    EXPECT_FALSE(columns.rowShare);
    EXPECT_NEAR(columns.sigma.value, 0.04, 0.005);
    EXPECT_NEAR(columns.mean.value, 0.386, 0.03);
    EXPECT_NEAR(columns.readNoise, 0.004, 0.0015);
    EXPECT_GT(columns.persistentShare.value, 0.8);
    EXPECT_NO_THROW(recipeOf(columns, 1).validate());

    const PopulationFit chip2 = fitPopulation({shipped("samples/14nm-columns-chip.h5")});
    EXPECT_NEAR(chip2.columnShare->value, 0.65, 0.15);
    EXPECT_NEAR(chip2.turn01.value, 0.8, 0.08);
    EXPECT_NEAR(chip2.persistentShare.value, 0.13, 0.04);
    EXPECT_NEAR(chip2.intermittentMean.value, 0.56, 0.03);
}

}  // namespace
}  // namespace brownout
