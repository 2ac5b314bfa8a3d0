#include "profiles/statistics/population_fit.h"

#include <gmock/gmock.h>

#include <boost/math/distributions/binomial.hpp>
#include <cmath>

#include "base/temporary_files.h"
#include "profiles/statistics/compare.h"
#include "test_profiles.h"
#include "tests/sanitized.h"

namespace brownout {
namespace {

/// Chips of a preset, fewer and smaller than its own where that is enough.
RecipePreset chipsOf(const std::string& name, const SramGeometry& geometry, std::uint32_t chips,
                     std::uint64_t seed) {
    RecipePreset preset = recipePreset(name, geometry);
    preset.recipe.chips = chips;
    preset.recipe.seed = seed;
    return preset;
}

RecipePreset small28nm(std::uint64_t seed) {
    return chipsOf("28nm-column", {890, 512, 16, 2}, 10, seed);
}
RecipePreset small14nm(std::uint64_t seed) {
    return chipsOf("14nm-columns", {4, 256, 128, 2}, 8, seed);
}
RecipePreset smallIid(std::uint64_t seed) { return chipsOf("14nm-iid", {2, 512, 64, 1}, 5, seed); }

class PopulationFitTest : public testing::Test {
 protected:
    Profile profileOf(const RecipePreset& preset, const std::string& name = "chips.h5") {
        writeRecipeProfile(folder_ / name, headerOf(preset), preset.recipe);
        return Profile::open(folder_ / name);
    }

    /// The largest miss of a figure over 20 seeds, or over 4 under the sanitizers.
    template <typename Miss>
    static double worstOf(RecipePreset (*make)(std::uint64_t), Miss&& miss) {
        double worst = 0;
        for (std::uint64_t seed = 1; seed <= (test::kSanitized ? 4 : 20); ++seed) {
            worst = std::fmax(worst, miss(make(seed)));
        }
        return worst;
    }

    TemporaryFolder folder_;
};

double largest(std::initializer_list<double> misses) {
    double most = 0;
    for (const double miss : misses) most = std::fmax(most, std::fabs(miss));
    return most;
}

// Stated errors, for the numbers of chips above: shares of the variance to 0.05 (28 nm, where two
// in ten thousand cells fail), 0.03 (14 nm) and 0.002 (iid); mean and sigma to 2.5 %.
TEST_F(PopulationFitTest, RecoversThe28nmColumnPresetOverTwentySeeds) {
    EXPECT_LT(worstOf(small28nm,
                      [&](const RecipePreset& preset) {
                          const PopulationFit fit = fitPopulation({profileOf(preset)});
                          const SpatialParameters p = *recipeOf(fit, 1).spatial;
                          EXPECT_NEAR(fit.mean.value, 0.3858, 0.025 * 0.3858);
                          EXPECT_NEAR(fit.sigma.value, 0.04, 0.0025);
                          EXPECT_EQ(fit.turn10.value, 1);
                          EXPECT_EQ(p.persistentShare, 1);
                          EXPECT_NEAR(p.gradientX, 0, 0.2);
                          return largest({p.arrayShare - 0.05, p.columnShare - 0.45, p.rowShare,
                                          p.cellShare() - 0.5});
                      }),
              0.05);
}

TEST_F(PopulationFitTest, RecoversThe14nmColumnsPresetOverTwentySeeds) {
    EXPECT_LT(worstOf(small14nm,
                      [&](const RecipePreset& preset) {
                          const PopulationFit fit = fitPopulation({profileOf(preset)});
                          const Recipe recipe = recipeOf(fit, 1);
                          const SpatialParameters& p = *recipe.spatial;
                          EXPECT_NEAR(fit.mean.value, 0.7056, 0.025 * 0.7056);
                          EXPECT_NEAR(fit.sigma.value, 0.0552, 0.1 * 0.0552);
                          EXPECT_NEAR(recipe.shares.stuckAt1, 0.8, 0.05);
                          EXPECT_NEAR(recipe.shares.stuckAt0, 0.17, 0.05);
                          EXPECT_NEAR(p.persistentShare, 0.12, 0.01);
                          EXPECT_NEAR(p.intermittentMean, 0.557, 0.01);
                          EXPECT_NEAR(p.intermittentSpread, 1, 0.03);
                          EXPECT_NEAR(fit.directionColumnShare.value, 0.3, 0.25);
                          const SpatialParameters& planted = *preset.recipe.spatial;
                          return largest({p.arrayShare, p.columnShare - planted.columnShare,
                                          p.rowShare, p.cellShare() - planted.cellShare()});
                      }),
              0.03);
}

TEST_F(PopulationFitTest, RecoversIndependentCellsOverTwentySeeds) {
    EXPECT_LT(worstOf(smallIid,
                      [&](const RecipePreset& preset) {
                          const PopulationFit fit = fitPopulation({profileOf(preset)});
                          const Recipe recipe = recipeOf(fit, 1);
                          EXPECT_NEAR(fit.mean.value, 0.7056, 0.025 * 0.7056);
                          EXPECT_NEAR(fit.sigma.value, 0.0552, 0.025 * 0.0552);
                          EXPECT_EQ(recipe.shares.flipping, 1);
                          EXPECT_EQ(recipe.spatial->persistentShare, 1);
                          return 1 - recipe.spatial->cellShare();
                      }),
              0.002);
}

TEST_F(PopulationFitTest, FindsAGradientAndRowsWhereTheyAre) {
    RecipePreset preset = chipsOf("28nm-column", {9, 256, 64, 2}, 12, 5);
    preset.recipe.curve = recipePreset("14nm-columns").recipe.curve;
    preset.referenceVoltages = {0.75, 0.8, 0.85};
    preset.device.vminV.reset();
    preset.device.unit = VoltageUnit::kVmin;
    SpatialParameters& planted = *preset.recipe.spatial;
    planted = SpatialParameters{};
    planted.rowShare = 0.2;
    planted.gradientX = 1.2;
    ProfileHeader header = headerOf(preset);
    header.energy.reset();
    writeRecipeProfile(folder_ / "chips.h5", header, preset.recipe);
    const PopulationFit fit = fitPopulation({Profile::open(folder_ / "chips.h5")});
    EXPECT_TRUE(fit.gradientXIsSignificant);
    EXPECT_FALSE(fit.gradientYIsSignificant);
    const Recipe recipe = recipeOf(fit, 1);
    EXPECT_NEAR(recipe.spatial->gradientX, 1.2, 0.15);
    EXPECT_EQ(recipe.spatial->gradientY, 0);
    EXPECT_NEAR(recipe.spatial->rowShare, 0.2, 0.04);
    EXPECT_NEAR(recipe.spatial->columnShare, 0, 0.03);
    // The mean over the chip is what was measured.
    EXPECT_NEAR(recipe.expectedRate(0.8), fit.rates[1], 0.01 * fit.rates[1]);
}

// Four chips are enough for errors over chips, whichever files they are in.
TEST_F(PopulationFitTest, ChipsOfSeveralFilesAreBlocksOfTheirOwn) {
    const SramGeometry geometry{4, 256, 64, 1};
    const PopulationFit fit =
        fitPopulation({profileOf(chipsOf("14nm-columns", geometry, 2, 1), "a.h5"),
                       profileOf(chipsOf("14nm-columns", geometry, 2, 2), "b.h5")});
    EXPECT_EQ(fit.blocks, BlockKind::kChip);
    EXPECT_EQ(fit.blockCount, 4U);
    EXPECT_GT(fit.columnShare.value().error.value_or(0), 0);
    EXPECT_NEAR(fit.columnShare->value, 0.65, 0.05);
}

TEST_F(PopulationFitTest, RefusesWhatCannotBeFitted) {
    RecipePreset preset = smallPreset();
    preset.referenceVoltages = {0.9167, 1.0};
    EXPECT_THAT(errorOf([&] { fitPopulation({profileOf(preset)}); }),
                testing::HasSubstr("too few failing cells"));
    const Profile other = profileOf(small28nm(1), "other.h5");
    EXPECT_THAT(errorOf([&] {
                    fitPopulation({profileOf(preset), other});
                }),
                testing::HasSubstr("another geometry"));
}

/// How many of `tries` comparisons call the profiles different.
template <typename Make>
int alarmsOf(int tries, Make&& make) {
    int alarms = 0;
    for (int i = 0; i < tries; ++i) alarms += make(static_cast<std::uint64_t>(i)).differ();
    return alarms;
}

CompareSettings quick(double alpha) {
    CompareSettings settings;
    settings.alpha = alpha;
    settings.divisions = 999;
    return settings;
}

// False alarms of `compare` at level 0.1 on samples of one population: in the binomial interval
// that holds 99.9 % of the time, were the seeds not fixed.
TEST_F(PopulationFitTest, SamplesOfOnePopulationDifferAsOftenAsStated) {
    constexpr int kTries = 50;
    const int alarms = alarmsOf(kTries, [&](std::uint64_t i) {
        const auto preset = [&](std::uint64_t seed) {
            return chipsOf("14nm-columns", {2, 128, 64, 1}, 6, seed);
        };
        const Profile a = profileOf(preset(100 + i), "a.h5");
        const Profile b = profileOf(preset(500 + i), "b.h5");
        return compareProfiles(a, b, quick(0.1));
    });
    const boost::math::binomial expected(kTries, 0.1);
    EXPECT_GE(alarms, quantile(expected, 5e-4));
    EXPECT_LE(alarms, quantile(complement(expected, 5e-4)));
}

// Chips drawn from the fit against the chips it was fitted to: the fit follows those, so that they
// differ from each other less than two samples would. Only the upper end of the interval counts.
TEST_F(PopulationFitTest, ChipsOfTheFitPassAgainstTheOriginalsAtTheStatedRate) {
    constexpr int kTries = test::kSanitized ? 5 : 20;
    const std::pair<const char*, SramGeometry> kinds[] = {{"28nm-column", {500, 512, 32, 2}},
                                                          {"14nm-columns", {2, 256, 128, 2}},
                                                          {"14nm-iid", {2, 128, 64, 1}}};
    for (const auto& [name, geometry] : kinds) {
        const int alarms = alarmsOf(kTries, [&, &name = name, &geometry = geometry](auto i) {
            const RecipePreset preset = chipsOf(name, geometry, 6, 1 + i);
            const Profile original = profileOf(preset, "original.h5");
            RecipePreset fitted = preset;
            fitted.recipe = recipeOf(fitPopulation({original}), 1000 + i);
            fitted.recipe.chips = preset.recipe.chips;
            return compareProfiles(original, profileOf(fitted, "fitted.h5"), quick(0.05));
        });
        const boost::math::binomial expected(kTries, 0.05);
        EXPECT_LE(alarms, quantile(complement(expected, 1e-3)));
    }
}

TEST_F(PopulationFitTest, ColumnsAreToldFromIndependentCells) {
    const Profile iid = profileOf(chipsOf("14nm-iid", {4, 512, 64, 1}, 5, 2021), "iid.h5");
    const Profile columns =
        profileOf(chipsOf("28nm-column", {16, 512, 32, 2}, 5, 2018), "columns.h5");
    const CompareSettings settings = quick(0.05);
    const ProfileComparison result = compareProfiles(iid, columns, settings);
    EXPECT_TRUE(result.differ());
    EXPECT_EQ(result.blocks, BlockKind::kChip);
    bool correlation = false;
    for (const ComparedStatistic& one : result.statistics) {
        correlation |= one.name == "correlation within a column" && one.adjusted <= 0.05;
    }
    EXPECT_TRUE(correlation);
}

TEST_F(PopulationFitTest, OneChipIsComparedByItsArrays) {
    const Profile a = profileOf(chipsOf("28nm-column", {64, 512, 32, 2}, 1, 3), "a.h5");
    RecipePreset other = chipsOf("28nm-column", {64, 512, 32, 2}, 1, 4);
    CompareSettings settings = quick(0.05);
    EXPECT_EQ(compareProfiles(a, a, settings).blocks, BlockKind::kArray);
    EXPECT_FALSE(compareProfiles(a, a, settings).differ());
    other.recipe.shares = {0, 0, 1};
    EXPECT_TRUE(compareProfiles(a, profileOf(other, "b.h5"), settings).differ());
    const Profile tiny = profileOf(chipsOf("28nm-column", {1, 512, 32, 2}, 1, 3), "tiny.h5");
    EXPECT_EQ(compareProfiles(tiny, tiny, settings).blocks, BlockKind::kColumns);
}

TEST_F(PopulationFitTest, VoltagesOfDifferentUnitsNeedAVmin) {
    RecipePreset volts = chipsOf("28nm-column", {8, 512, 32, 2}, 4, 3);
    volts.device.vminV.reset();
    EXPECT_THAT(errorOf([&] {
                    compareProfiles(profileOf(smallIid(1), "iid.h5"), profileOf(volts, "v.h5"),
                                    quick(0.05));
                }),
                testing::HasSubstr("Vmin"));
}

}  // namespace
}  // namespace brownout
