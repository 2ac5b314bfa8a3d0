#include "profiles/profile_chips.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/temporary_files.h"
#include "tests/profiles/test_profiles.h"

namespace brownout {
namespace {

using testing::HasSubstr;

std::string textOf(const FaultOverlay& faults) {
    std::string text;
    for (const FaultyCell& one : faults.cells()) {
        text += std::to_string(one.cell) + ":" + std::to_string(one.p01) + "," +
                std::to_string(one.p10) + " ";
    }
    return text;
}

/// Forgets everything between two questions.
std::string fresh(const Profile& profile, std::uint32_t chip, const OperatingPoint& at) {
    return textOf(*ProfileChips(profile).faults(chip, at));
}

TEST(ProfileChips, AnswerTheSameWhateverWasAskedBeforeAndHoweverManyAreKept) {
    // The last profile has read noise and a temperature, so supplies are moved and cells scaled.
    RecipePreset noisy = recipePreset("28nm-column", SramGeometry{4, 64, 16, 2});
    noisy.recipe.spatial->readNoise = 4e-3;
    noisy.recipe.spatial->temperatureCoefficient = 1e-3;
    noisy.recipe.spatial->referenceTemperature = 25;
    noisy.recipe.chips = 3;
    const TemporaryFolder folder;
    writeRecipeProfile(folder / "noisy.h5", headerOf(noisy), noisy.recipe);
    writeRecipeProfile(folder / "plain.h5", headerOf(smallPreset()), smallPreset().recipe);
    for (const char* name : {"plain.h5", "noisy.h5"}) {
        const Profile profile = Profile::open(folder / name);
        const bool warm = profile.supplies().shifts().temperatureCoefficient != 0;
        const double low = profile.supplies().lowest() + (warm ? 0.02 : 0);
        const double high = profile.supplies().highest() - (warm ? 0.02 : 0);
        for (const std::size_t kept : {1U, 2U, 9U}) {
            for (const auto lowest : {std::optional<double>{}, std::optional<double>{low},
                                      std::optional<double>{(low + high) / 2}}) {
                ProfileChips chips(profile, kept, lowest);
                for (const double part : {0.9, 0.2, 0.6, 0.0, 1.0}) {
                    for (const std::uint32_t chip : {0U, 2U, 1U, 0U}) {
                        OperatingPoint at{low + part * (high - low)};
                        if (warm) at.temperatureC = part > 0.5 ? 35 : 15;
                        ASSERT_EQ(textOf(*chips.faults(chip, at)), fresh(profile, chip, at))
                            << name << " " << part;
                    }
                }
            }
        }
    }
}

TEST(ProfileChips, MayBeAskedByManyThreadsAtOnce) {
    const TemporaryFolder folder;
    writeRecipeProfile(folder / "p.h5", headerOf(smallPreset()), smallPreset().recipe);
    const Profile profile = Profile::open(folder / "p.h5");
    std::vector<std::string> expected;
    for (std::uint32_t i = 0; i < 10; ++i) {
        expected.push_back(fresh(profile, i / 2, {i % 2 == 0 ? 0.75 : 0.85}));
    }
    ProfileChips chips(profile, 2);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (std::uint32_t k = 0; k < 40; ++k) {
                const std::uint32_t i = (k * (2 * t + 1) + t) % 10;
                const OperatingPoint at{i % 2 == 0 ? 0.75 : 0.85};
                wrong += textOf(*chips.faults(i / 2, at)) != expected[i];
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST(ProfileChips, RefuseChipsAndPointsThatTheProfileDoesntKnow) {
    const TemporaryFolder folder;
    writeRecipeProfile(folder / "p.h5", headerOf(smallPreset()), smallPreset().recipe);
    ProfileChips chips(Profile::open(folder / "p.h5"));
    EXPECT_THAT(errorOf([&] { chips.faults(5, {0.8}); }), HasSubstr("p.h5: has no chip 5"));
    EXPECT_THAT(errorOf([&] { chips.faults(0, {0.7}); }), HasSubstr("below the profile"));
    EXPECT_THAT(errorOf([&] { chips.faults(0, {0.8, 25}); }), HasSubstr("p.h5: doesn't say"));
}

}  // namespace
}  // namespace brownout
