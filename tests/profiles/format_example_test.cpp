#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/temporary_files.h"
#include "profiles/generator/presets.h"
#include "profiles/profile.h"
#include "profiles/profile_writer.h"
#include "profiles/simulated_measurement.h"
#include "profiles/validate.h"
#include "test_profiles.h"

// The examples of FORMAT.md, word for word, with other people's software: a missing program fails
// these tests.

namespace brownout {
namespace {

using testing::HasSubstr;

/// The Python example that has `word` in it.
std::string pythonExample(const std::string& word) {
    const std::string text = readFile(BROWNOUT_SOURCE_DIR "/profiles/FORMAT.md");
    const std::string begin = "```python\n";
    for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
        const auto from = at + begin.size();
        const std::string example = text.substr(from, text.find("```", from) - from);
        if (example.find(word) != std::string::npos) return example;
    }
    ADD_FAILURE() << "no example with " << word;
    return "";
}

/// What a lab's tester would give: cell (row, column) fails in row % 101 of 100 reads below 0.65 V
/// in column 3, and always in column 7.
const char kReadChip[] =
    "def read_chip(volts, stored):\n"
    "    fails = np.zeros((32 * 512, 64), 'u1')\n"
    "    if volts < 0.65:\n"
    "        fails[:, 3] = np.arange(32 * 512) % 101 * stored\n"
    "        fails[:, 7] = 100\n"
    "    return fails\n";

std::string runIn(const TemporaryFolder& folder, const std::string& command) {
    const std::string line =
        "cd " + folder.path().string() + " && " + command + " > output 2> errors";
    EXPECT_EQ(std::system(line.c_str()), 0) << readFile(folder / "errors");
    return readFile(folder / "output");
}

TEST(FormatExample, H5pyWritesAProfileThatWeRead) {
    const TemporaryFolder folder;
    writeAtomically(folder / "example.py", pythonExample("mine.h5"));
    const std::string command = "cd " + (folder / "").string() + " && /usr/bin/python3 example.py";
    ASSERT_EQ(std::system(command.c_str()), 0);

    const auto findings = validateProfile(folder / "mine.h5");
    EXPECT_FALSE(hasError(findings)) << findings.front().message;
    const Profile profile = Profile::open(folder / "mine.h5");
    EXPECT_FALSE(profile.sealed());
    EXPECT_EQ(profile.chipCount(), 2U);
    EXPECT_EQ(profile.device().geometry, (SramGeometry{1, 4, 8, 1}));
    EXPECT_DOUBLE_EQ(profile.supplies().supply({0.9, VoltageUnit::kVmin}), 0.63);
    const Chip chip = profile.chip(0);
    ASSERT_EQ(chip.cellsAbove(0.6).size(), 1U);
    EXPECT_EQ(chip.cellsAbove(0.6)[0].cell, 5U);
    ASSERT_EQ(chip.cellsAbove(0.5).size(), 2U);
    EXPECT_FLOAT_EQ(chip.cellsAbove(0.5)[1].p10, 0.25F);
    EXPECT_EQ(profile.chip(1).cells().size(), 0U);
}

TEST(FormatExample, ALabWritesItsCountsInTenLinesAndReadsThemBack) {
    const TemporaryFolder folder;
    const std::string write = pythonExample("read_chip(v, stored)");
    std::string lines = write.substr(write.find("with"));
    EXPECT_LE(std::count(lines.begin(), lines.end(), '\n'), 11);  // ten and the `with`
    writeAtomically(folder / "write.py", "import numpy as np\n" + std::string(kReadChip) + write);
    runIn(folder, "/usr/bin/python3 write.py");

    const auto findings = validateProfile(folder / "lab.h5");
    EXPECT_FALSE(hasError(findings)) << findings.front().message;
    const Profile profile = Profile::open(folder / "lab.h5");
    EXPECT_EQ(profile.encoding(), Encoding::kCounts);
    const MeasuredCells low = profile.counts()->cells(0, {0.62});
    EXPECT_EQ(low.measured01, low.cells);
    EXPECT_EQ(low.failing.size(), 32U * 512 * 2 - (32 * 512 + 100) / 101);
    EXPECT_EQ(low.failing[1].cell, 64U + 3);
    EXPECT_EQ(low.failing[1].p01, 0.F);
    EXPECT_EQ(low.failing[1].p10, 0.01F);
    EXPECT_TRUE(cellsAt(profile, 0, {0.66}).empty());

    writeAtomically(folder / "read.py", pythonExample("argsort"));
    const std::string shares = runIn(folder, "/usr/bin/python3 read.py");
    EXPECT_THAT(shares, HasSubstr("0.64 0.031"));
    EXPECT_THAT(shares, HasSubstr("0.66 0.0 "));
    const std::string text = readFile(BROWNOUT_SOURCE_DIR "/profiles/FORMAT.md");
    const std::string header = "h5dump -H -d /cells/counts/fails01 lab.h5";
    const std::string rows =
        "h5dump -d /cells/counts/fails10 -s 0,0,0,0,0,0 -c 1,1,1,1,4,64 lab.h5";
    EXPECT_THAT(text, HasSubstr("    " + header + "\n"));
    EXPECT_THAT(text, HasSubstr("    " + rows + "\n"));
    EXPECT_THAT(runIn(folder, header), HasSubstr("( 1, 7, 1, 1, 16384, 64 )"));
    EXPECT_THAT(runIn(folder, rows), HasSubstr("0, 0, 0, 1, 0, 0, 0, 100, 0"));
}

TEST(FormatExample, CountsOfOursHaveScalesThatH5pyShows) {
    const TemporaryFolder folder;
    RecipePreset preset = recipePreset("14nm-iid", {1, 128, 64, 1});
    preset.recipe.chips = 2;
    writeRecipeProfile(folder / "recipe.h5", headerOf(preset), preset.recipe);
    measureProfile(Profile::open(folder / "recipe.h5"), folder / "lab.h5", {{0.75, 0.8}, {}, 9, 1});
    writeAtomically(folder / "read.py",
                    "import h5py\n"
                    "fails = h5py.File('lab.h5')['cells/counts/fails01']\n"
                    "assert [d.label for d in fails.dims] == ['chip', 'voltage', 'temperature', "
                    "'pattern', 'row', 'column']\n"
                    "assert list(fails.dims[1][0]) == [0.75, 0.8]\n"
                    "assert fails.dtype == 'u1' and fails.fillvalue == 255 and fails.fletcher32\n"
                    "assert fails.shape == (2, 2, 1, 1, 128, 64)\n"
                    "print((fails[1, 0, 0, 0] > 0).sum())\n");
    EXPECT_EQ(std::stoul(runIn(folder, "/usr/bin/python3 read.py")),
              cellsAt(Profile::open(folder / "recipe.h5"), 1, {0.75}).size());
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
