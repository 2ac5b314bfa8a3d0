#include <gmock/gmock.h>

#include <cstdlib>
#include <thread>

#include "base/atomic_file.h"
#include "base/temporary_files.h"
#include "h5_surgery.h"
#include "profiles/profile.h"
#include "profiles/profile_writer.h"
#include "test_profiles.h"

namespace brownout {
namespace {

void expectSameHeader(const ProfileHeader& a, const ProfileHeader& b) {
    EXPECT_EQ(a.info.creator, b.info.creator);
    EXPECT_EQ(a.info.created, b.info.created);
    EXPECT_EQ(a.info.provenance, b.info.provenance);
    EXPECT_EQ(a.device.geometry, b.device.geometry);
    EXPECT_EQ(a.device.node, b.device.node);
    EXPECT_EQ(a.device.unit, b.device.unit);
    EXPECT_EQ(a.device.vminV, b.device.vminV);
    EXPECT_EQ(a.referenceVoltages, b.referenceVoltages);
    ASSERT_EQ(a.energy.has_value(), b.energy.has_value());
    if (!a.energy) return;
    EXPECT_EQ(a.energy->source(), b.energy->source());
    EXPECT_EQ(a.energy->reference(), b.energy->reference());
    ASSERT_EQ(a.energy->points().size(), b.energy->points().size());
    for (std::size_t i = 0; i < a.energy->points().size(); ++i) {
        EXPECT_EQ(a.energy->points()[i].supply, b.energy->points()[i].supply);
        EXPECT_EQ(a.energy->points()[i].readJ, b.energy->points()[i].readJ);
        EXPECT_EQ(a.energy->points()[i].writeJ, b.energy->points()[i].writeJ);
        EXPECT_EQ(a.energy->points()[i].leakageW, b.energy->points()[i].leakageW);
    }
}

TEST(RecipeFile, GivesBackWhatWasWritten) {
    const TemporaryFolder folder;
    RecipePreset preset = smallPreset();
    preset.recipe.seed = 0xFEDCBA9876543210;
    preset.recipe.shares = {0.5, 0.3, 0.2};
    ProfileHeader header = headerOf(preset);
    header.device.vminV = 0.72;
    header.info.history = {"drawn", "looked at by someone with an ü in the name", ""};
    writeRecipeProfile(folder / "a.h5", header, preset.recipe);

    const Profile profile = Profile::open(folder / "a.h5");
    EXPECT_EQ(profile.encoding(), Encoding::kRecipe);
    expectSameHeader(profile.header(), header);
    EXPECT_EQ(profile.info().history, header.info.history);
    EXPECT_EQ(profile.info().version.major, 1U);
    EXPECT_EQ(profile.chipCount(), 5U);
    ASSERT_TRUE(profile.recipe());
    EXPECT_EQ(profile.recipe()->seed, preset.recipe.seed);
    EXPECT_EQ(profile.recipe()->shares.stuckAt0, 0.3);
    for (std::uint32_t i = 0; i < 5; ++i) {
        EXPECT_EQ(bytesOf(profile.chip(i)),
                  bytesOf(drawChip(preset.recipe, preset.device.geometry, i)));
    }
    EXPECT_EQ(profile.expectedRate(0.75), 0.2056);
    EXPECT_EQ(profile.fingerprint(), fingerprintOfFile(folder / "a.h5"));
}

TEST(ThresholdFile, HoldsTheChipsOfTheRecipeItWasExpandedFrom) {
    const TemporaryFolder folder;
    // Large enough that cells of a chip span several chunks of 65,536.
    RecipePreset preset = recipePreset("14nm-iid", SramGeometry{20, 512, 64, 1});
    preset.recipe.chips = 3;
    preset.recipe.shares = {0.5, 0.3, 0.2};
    writeRecipeProfile(folder / "recipe.h5", headerOf(preset), preset.recipe);
    const Profile recipe = Profile::open(folder / "recipe.h5");
    expandProfile(recipe, folder / "threshold.h5");

    const Profile threshold = Profile::open(folder / "threshold.h5");
    EXPECT_EQ(threshold.encoding(), Encoding::kThreshold);
    EXPECT_FALSE(threshold.recipe());
    EXPECT_FALSE(threshold.expectedRate(0.8));
    expectSameHeader(threshold.header(), recipe.header());
    EXPECT_EQ(threshold.info().history.size(), 2U);
    EXPECT_EQ(threshold.supplies().lowest(), 0.75);
    EXPECT_EQ(threshold.supplies().highest(), 1.0);
    EXPECT_GT(recipe.chip(0).cells().size(), 65536U * 2);
    for (std::uint32_t i = 0; i < 3; ++i) {
        EXPECT_EQ(bytesOf(threshold.chip(i)), bytesOf(recipe.chip(i)));
        EXPECT_EQ(bytesOf(threshold.chip(i, 0.8)), bytesOf(recipe.chip(i, 0.8)));
        EXPECT_EQ(threshold.chip(i, 1.0).cells().size(), 0U);
    }
}

TEST(ThresholdFile, MayHoldChipsWithoutAnyFailingCell) {
    const TemporaryFolder folder;
    const RecipePreset preset = smallPreset();
    ProfileHeader header = headerOf(preset);
    header.energy.reset();
    header.referenceVoltages.clear();
    const auto clean = [&](std::uint32_t) { return Chip(preset.device.geometry, {}, 0.75); };
    writeThresholdProfile(folder / "clean.h5", header, {2, 0.75, 1}, clean);
    const Profile profile = Profile::open(folder / "clean.h5");
    EXPECT_EQ(profile.chip(1).cells().size(), 0U);
    EXPECT_FALSE(profile.energy());
    EXPECT_EQ(profile.referenceVoltages(), (std::vector<double>{0.75, 1}));
}

TEST(ThresholdFile, KeepsLeakageAndVolts) {
    const TemporaryFolder folder;
    ProfileHeader header = headerOf(smallPreset());
    header.device.unit = VoltageUnit::kVolt;
    header.device.vminV = 0.8;
    header.referenceVoltages = {0.6, 0.7, 0.8};
    header.energy = EnergyModel({{0.6, 1e-12, 2e-12, 1e-4}, {0.8, 2e-12, 3e-12, 2e-4}}, 0.8, "me");
    const auto chip = [&](std::uint32_t i) {
        return Chip(header.device.geometry, {{i, 0.65F, 0.25F, 0.75F}}, 0.6);
    };
    writeThresholdProfile(folder / "v.h5", header, {2, 0.6, 0.8}, chip);
    const Profile profile = Profile::open(folder / "v.h5");
    expectSameHeader(profile.header(), header);
    EXPECT_EQ(profile.supplies().supply({0.75, VoltageUnit::kVmin}), 0.6);
    EXPECT_EQ(bytesOf(profile.chip(1)), bytesOf(chip(1)));
}

TEST(Profile, TheSameContentIsTheSameBytes) {
    const TemporaryFolder folder;
    ::setenv("SOURCE_DATE_EPOCH", "1767225600", 1);
    const RecipePreset preset = smallPreset();
    for (const char* name : {"a", "b"}) {
        writeRecipeProfile(folder / (std::string(name) + ".h5"), headerOf(preset), preset.recipe);
        expandProfile(Profile::open(folder / (std::string(name) + ".h5")),
                      folder / (std::string(name) + "-threshold.h5"));
    }
    ::unsetenv("SOURCE_DATE_EPOCH");
    EXPECT_EQ(readFile(folder / "a.h5"), readFile(folder / "b.h5"));
    EXPECT_EQ(readFile(folder / "a-threshold.h5"), readFile(folder / "b-threshold.h5"));
    EXPECT_EQ(Profile::open(folder / "a.h5").info().created, "2026-01-01T00:00:00Z");
}

TEST(Profile, ServesSeveralThreadsAtOnce) {
    const TemporaryFolder folder;
    const RecipePreset preset = smallPreset();
    writeRecipeProfile(folder / "recipe.h5", headerOf(preset), preset.recipe);
    expandProfile(Profile::open(folder / "recipe.h5"), folder / "threshold.h5");
    makeForeignProfile(folder / "foreign.h5");
    const Profile recipe = Profile::open(folder / "recipe.h5");
    const Profile threshold = Profile::open(folder / "threshold.h5");
    std::vector<std::string> expected;
    for (std::uint32_t i = 0; i < 5; ++i) expected.push_back(bytesOf(recipe.chip(i)));

    std::vector<int> wrong(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t) {
        threads.emplace_back([&, t] {
            for (std::uint32_t k = 0; k < 60; ++k) {
                const auto i = static_cast<std::uint32_t>((k + t) % 5);
                wrong[t] += bytesOf(threshold.chip(i)) != expected[i];
                wrong[t] += bytesOf(recipe.chip(i)) != expected[i];
                // Opening needs a child process here, while the others hold the lock and let it go.
                if (k % 20 == 0) wrong[t] += Profile::open(folder / "foreign.h5").chipCount() != 2;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Profile, OpensFilesOfOtherProgramsWithoutASeal) {
    const TemporaryFolder folder;
    makeForeignProfile(folder / "foreign.h5");
    const Profile profile = Profile::open(folder / "foreign.h5");
    EXPECT_FALSE(profile.sealed());
    EXPECT_EQ(profile.info().creator, "somebody's script");
    EXPECT_EQ(profile.info().provenance, Provenance::kMeasured);
    EXPECT_EQ(profile.device().geometry, (SramGeometry{1, 16, 8, 1}));
    ASSERT_EQ(profile.chip(0).cells().size(), 3U);
    const Chip chip = profile.chip(1);
    ASSERT_EQ(chip.cells().size(), 2U);
    EXPECT_EQ(chip.cells()[1].cell, 127U);
    EXPECT_EQ(chip.cells()[1].criticalVoltage, 0.51F);
    EXPECT_EQ(chip.cells()[0].p01, 0.5F);
}

TEST(Profile, ReadsNewerMinorVersionsAndIgnoresWhatItDoesNotKnow) {
    const TemporaryFolder folder;
    makeForeignProfile(folder / "newer.h5");
    {
        H5Surgery file(folder / "newer.h5");
        file.integers("/", "version", {1, 7});
        file.group("/temperature");
        file.number("/device", "temperature_k", 300);
    }
    EXPECT_EQ(Profile::open(folder / "newer.h5").info().version.minor, 7U);
}

}  // namespace
}  // namespace brownout
