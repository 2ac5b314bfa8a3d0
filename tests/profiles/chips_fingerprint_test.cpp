#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/temporary_files.h"
#include "profiles/simulated_measurement.h"
#include "tests/profiles/test_profiles.h"

// Two files are the same chips if nothing that decides a campaign's results differs: not when they
// were written, by whom, in which steps, or how many chips follow.

namespace brownout {
namespace {

enum class Kind { kRecipe, kThreshold, kCounts };

class ChipsFingerprint : public testing::TestWithParam<Kind> {
 protected:
    /// Returns the fingerprint of the first three chips of a file as `change` leaves it.
    std::string of(const std::function<void(RecipePreset&, ProfileHeader&)>& change,
                   const char* name = "a.h5") {
        RecipePreset preset = smallPreset();
        ProfileHeader header = headerOf(preset);
        change(preset, header);
        preset.recipe.validate();
        writeRecipeProfile(folder_ / "recipe.h5", header, preset.recipe);
        const Profile recipe = Profile::open(folder_ / "recipe.h5");
        if (GetParam() == Kind::kRecipe) return recipe.chipsFingerprint(3);
        if (GetParam() == Kind::kThreshold) {
            expandProfile(recipe, folder_ / name);
        } else {
            measureProfile(recipe, folder_ / name, {{0.75, 0.8}, {}, 9, 1});
        }
        return Profile::open(folder_ / name).chipsFingerprint(3);
    }
    std::string unchanged() {
        return of([](RecipePreset&, ProfileHeader&) {});
    }

    TemporaryFolder folder_;
};

TEST_P(ChipsFingerprint, DoesntSayWhenByWhomAndHowTheFileWasMade) {
    EXPECT_EQ(of([](RecipePreset& preset, ProfileHeader& header) {
                  header.info.created = "1999-12-31T23:59:59Z";
                  header.info.creator = "somebody else";
                  header.info.history = {"in", "other", "steps"};
                  header.device.node = "2 nm";
                  preset.recipe.preset = "a name";
              }),
              unchanged());
}

TEST_P(ChipsFingerprint, DoesntSayWhatChipsFollow) {
    EXPECT_EQ(of([](RecipePreset& preset, ProfileHeader&) { preset.recipe.chips = 7; }),
              unchanged());
}

TEST_P(ChipsFingerprint, DiffersWhereAResultWould) {
    const std::string before = unchanged();
    EXPECT_NE(of([](RecipePreset& preset, ProfileHeader&) { preset.recipe.seed = 8; }), before);
    EXPECT_NE(of([](RecipePreset& preset, ProfileHeader&) {
                  preset.recipe.shares = {0.5, 0.25, 0.25};
              }),
              before);
    EXPECT_NE(of([](RecipePreset&, ProfileHeader& header) { header.device.vminV = 0.7; }), before);
    EXPECT_NE(of([](RecipePreset&, ProfileHeader& header) {
                  auto points = header.energy->points();
                  points.front().readJ *= 1.001;
                  header.energy =
                      EnergyModel(points, header.energy->reference(), header.energy->source());
              }),
              before);
    EXPECT_NE(
        of([](RecipePreset&, ProfileHeader& header) { header.device.geometry.columnMux = 2; }),
        before);
}

INSTANTIATE_TEST_SUITE_P(Encodings, ChipsFingerprint,
                         testing::Values(Kind::kRecipe, Kind::kThreshold, Kind::kCounts));

TEST(ChipsFingerprintOfAFile, DiffersWithTheNumberOfCellsAndRefusesChipsThatAreNotThere) {
    const TemporaryFolder folder;
    writeRecipeProfile(folder / "r.h5", headerOf(smallPreset()), smallPreset().recipe);
    expandProfile(Profile::open(folder / "r.h5"), folder / "t.h5");
    const Profile profile = Profile::open(folder / "t.h5");
    EXPECT_NE(profile.chipsFingerprint(3), profile.chipsFingerprint(4));
    EXPECT_THAT(errorOf([&] { profile.chipsFingerprint(6); }), testing::HasSubstr("no chip 5"));
}

}  // namespace
}  // namespace brownout
