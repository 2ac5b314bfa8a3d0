#include <gtest/gtest.h>

#include "profiles/profile.h"
#include "profiles/validate.h"
#include "test_profiles.h"

// One file per version of the format and encoding, as the program of that version wrote it: never
// replaced, read for ever with the numbers it had then.

namespace brownout {
namespace {

Profile golden(const std::string& name) {
    return Profile::open(BROWNOUT_SOURCE_DIR "/tests/profiles/golden/" + name);
}

std::string digest(const std::vector<FaultyCell>& cells) {
    std::string bytes;
    for (const FaultyCell& one : cells) {
        for (const void* value :
             {static_cast<const void*>(&one.cell), static_cast<const void*>(&one.p01),
              static_cast<const void*>(&one.p10)}) {
            bytes.append(static_cast<const char*>(value), 4);
        }
    }
    return std::to_string(cells.size()) + " " + fingerprint(bytes).substr(0, 16);
}

TEST(GoldenFile, OfEveryVersionIsSealedAndValid) {
    for (const char* name : {"recipe-1.0", "threshold-1.0", "counts-1.1", "noisy-threshold-1.1"}) {
        const Profile profile = golden(std::string(name) + ".h5");
        EXPECT_TRUE(profile.sealed()) << name;
        EXPECT_TRUE(validateProfile(profile.path()).empty() ||
                    !hasError(validateProfile(profile.path())))
            << name;
        const FormatVersion& version = profile.info().version;
        const std::string number =
            std::to_string(version.major) + "." + std::to_string(version.minor);
        EXPECT_EQ(std::string(name).substr(std::string(name).size() - 3), number);
        EXPECT_EQ(profile.info().created, "2026-01-01T00:00:00Z");
    }
}

TEST(GoldenFile, ThresholdAndRecipeOfVersion10HoldTheSameChips) {
    const Profile recipe = golden("recipe-1.0.h5");
    const Profile threshold = golden("threshold-1.0.h5");
    EXPECT_EQ(recipe.device().geometry, (SramGeometry{2, 32, 16, 2}));
    EXPECT_EQ(recipe.chipCount(), 2U);
    for (std::uint32_t chip = 0; chip < 2; ++chip) {
        EXPECT_EQ(bytesOf(recipe.chip(chip)), bytesOf(threshold.chip(chip)));
    }
    EXPECT_EQ(digest(cellsAt(threshold, 0, {0.75})), "206 0c62974fff3f3fd9");
    EXPECT_EQ(digest(cellsAt(threshold, 1, {0.8})), "48 3ab055364397d247");
}

TEST(GoldenFile, CountsOfVersion11HoldWhatWasMeasured) {
    const Profile counts = golden("counts-1.1.h5");
    EXPECT_EQ(counts.referenceVoltages(), (std::vector<double>{0.5, 0.55}));
    EXPECT_EQ(counts.counts()->conditions().temperaturesC, (std::vector<double>{25, 85}));
    EXPECT_EQ(counts.counts()->conditions().patterns[1], "checkerboard");
    EXPECT_EQ(digest(cellsAt(counts, 0, {0.5, 25})), "306 cf7ce73845c1fce7");
    EXPECT_EQ(digest(cellsAt(counts, 0, {0.55, 85})), "337 6ced4443b2272533");
    EXPECT_EQ(digest(cellsAt(counts, 1, {0.5, 85})), "321 609fce64e724d362");
    EXPECT_TRUE(cellsAt(counts, 1, {0.55, 85}).empty());
    const MeasuredCells measured = counts.counts()->cells(0, {0.5, 25});
    EXPECT_EQ(measured.measured01, 1020U);
    EXPECT_EQ(measured.measured10, 1024U);
    EXPECT_EQ(measured.unknownDirection, 6U);
    EXPECT_EQ(counts.counts()->cells(1, {0.55, 85}).measured01, 0U);
}

TEST(GoldenFile, NoisyThresholdOfVersion11HasNoiseAndTemperature) {
    const Profile noisy = golden("noisy-threshold-1.1.h5");
    EXPECT_EQ(noisy.supplies().shifts().readNoise, 0.004);
    EXPECT_EQ(noisy.supplies().lowest(), 0.5);
    EXPECT_EQ(noisy.supplies().temperature({}), 25);
    EXPECT_EQ(noisy.chip(0).cellsAbove(0.48).size(), 200U);
    EXPECT_EQ(cellsAt(noisy, 0, {0.55}).size(), 164U);
    EXPECT_EQ(digest(cellsAt(noisy, 0, {0.55, 45})), digest(cellsAt(noisy, 0, {0.56})));
}

}  // namespace
}  // namespace brownout
