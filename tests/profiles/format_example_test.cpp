#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"
#include "profiles/presets.h"
#include "profiles/profile.h"
#include "profiles/profile_writer.h"
#include "profiles/validate.h"
#include "temporary_folder.h"

// The examples of FORMAT.md, word for word, with other people's software: a missing program fails
// these tests.

namespace brownout {
namespace {

using testing::HasSubstr;

/// The text between the first line ```python and the next ```.
std::string pythonExample() {
    const std::string text = readFile(BROWNOUT_SOURCE_DIR "/profiles/FORMAT.md");
    const std::string begin = "```python\n";
    const auto from = text.find(begin) + begin.size();
    return text.substr(from, text.find("```", from) - from);
}

TEST(FormatExample, H5pyWritesAProfileThatWeRead) {
    const TemporaryFolder folder;
    writeAtomically(folder / "example.py", pythonExample());
    const std::string command = "cd " + (folder / "").string() + " && /usr/bin/python3 example.py";
    ASSERT_EQ(std::system(command.c_str()), 0);

    const auto findings = validateProfile(folder / "mine.h5");
    EXPECT_FALSE(hasError(findings)) << findings.front().message;
    const Profile profile = Profile::open(folder / "mine.h5");
    EXPECT_FALSE(profile.sealed());
    EXPECT_EQ(profile.chipCount(), 2U);
    EXPECT_EQ(profile.device().geometry, (SramGeometry{1, 4, 8, 1}));
    EXPECT_DOUBLE_EQ(profile.supply({0.9, VoltageUnit::kVmin}), 0.63);
    const Chip chip = profile.chip(0);
    ASSERT_EQ(chip.failingAt(0.6).size(), 1U);
    EXPECT_EQ(chip.failingAt(0.6)[0].cell, 5U);
    ASSERT_EQ(chip.failingAt(0.5).size(), 2U);
    EXPECT_FLOAT_EQ(chip.failingAt(0.5)[1].p10, 0.25F);
    EXPECT_EQ(profile.chip(1).cells().size(), 0U);
}

TEST(FormatExample, H5dumpReadsTheShippedProfile) {
    const TemporaryFolder folder;
    const std::string command = "cd " BROWNOUT_SOURCE_DIR
                                " && h5dump -d /cells/recipe/curve_rate profiles/14nm.h5 > " +
                                (folder / "dump").string();
    ASSERT_EQ(std::system(command.c_str()), 0);
    const std::string dump = readFile(folder / "dump");
    EXPECT_THAT(dump, HasSubstr("0.2056"));
    EXPECT_THAT(dump, HasSubstr("H5T_IEEE_F64LE"));
}

TEST(FormatExample, ASealedFileThatH5pyChangedOpensOnceItsSealIsOverwritten) {
    const TemporaryFolder folder;
    const auto path = folder / "changed.h5";
    std::filesystem::copy_file(BROWNOUT_SOURCE_DIR "/profiles/14nm.h5", path);
    const auto run = [&](const std::string& command) {
        return std::system(("cd " + folder.path().string() + " && " + command).c_str());
    };
    ASSERT_EQ(run("/usr/bin/python3 -c \"import h5py; "
                  "h5py.File('changed.h5', 'r+')['device'].attrs['vmin_v'] = 0.8\""),
              0);
    EXPECT_THROW(Profile::open(path), Error);
    const std::string overwrite = "dd if=/dev/zero of=changed.h5 bs=512 count=1 conv=notrunc";
    EXPECT_THAT(readFile(BROWNOUT_SOURCE_DIR "/profiles/FORMAT.md"), HasSubstr(overwrite));
    ASSERT_EQ(run(overwrite + " 2> dd.log"), 0);
    const Profile profile = Profile::open(path);
    EXPECT_EQ(profile.device().vminV, 0.8);
    EXPECT_EQ(profile.chip(0, 0.9).cells().size(),
              Profile::open(BROWNOUT_SOURCE_DIR "/profiles/14nm.h5").chip(0, 0.9).cells().size());
}

TEST(FormatExample, H5pyReadsACompressedThresholdProfileAsWeDo) {
    const TemporaryFolder folder;
    RecipePreset preset = recipePreset("14nm-iid", {1, 512, 64, 1});
    preset.recipe.chips = 4;
    writeRecipeProfile(folder / "recipe.h5", headerOf(preset), preset.recipe);
    expandProfile(Profile::open(folder / "recipe.h5"), folder / "cells.h5");
    const Chip chip = Profile::open(folder / "cells.h5").chip(3);
    const FaultyCell first = chip.cells().front();
    writeAtomically(folder / "read.py",
                    "import h5py, sys\n"
                    "t = h5py.File('cells.h5')['cells/threshold']\n"
                    "i, j = t['chip_start'][3], t['chip_start'][4]\n"
                    "assert j - i == " +
                        std::to_string(chip.cells().size()) +
                        "\n"
                        "assert t['cell'][i] == " +
                        std::to_string(first.cell) + "\n");
    const std::string command = "cd " + (folder / "").string() + " && /usr/bin/python3 read.py";
    EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace brownout
