#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/atomic_file.h"
#include "base/temporary_files.h"
#include "profiles/profile.h"
#include "profiles/profile_writer.h"
#include "test_profiles.h"

// What can't be written gives one line and leaves what was there before.

namespace brownout {
namespace {

using testing::HasSubstr;

/// Enough cells that the file has several hundred kilobytes.
void writeLargeProfile(const std::filesystem::path& path) {
    RecipePreset preset = recipePreset("14nm-iid", SramGeometry{8, 512, 64, 1});
    preset.recipe.chips = 4;
    writeThresholdProfile(path, headerOf(preset), {4, 0.75, 1}, [&](std::uint32_t chip) {
        return drawChip(preset.recipe, preset.device.geometry, chip);
    });
}

void writeSmallProfile(const std::filesystem::path& path) {
    writeRecipeProfile(path, headerOf(smallPreset()), smallPreset().recipe);
}

std::size_t filesIn(const std::filesystem::path& folder) {
    const std::filesystem::directory_iterator all(folder);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Runs `action` in a child process, which exits as programs do, so that the HDF5 library's own
/// closing runs too; returns what it wrote to stderr and how it ended.
struct Ended {
    std::string output;
    int status;
};
Ended inChild(const TemporaryFolder& folder, const std::function<int()>& action) {
    const auto log = folder / "stderr";
    const pid_t child = ::fork();
    if (child == 0) {
        if (std::freopen(log.c_str(), "w", stderr) == nullptr) ::_exit(99);
        ::alarm(120);
        std::exit(action());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return {readFile(log), WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

/// 0 if writing fails as it should where files may not be longer than `bytes`.
int writeWithLimit(const std::filesystem::path& path, rlim_t bytes,
                   const std::function<void(const std::filesystem::path&)>& write) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
        write(path);
        return 1;
    } catch (const Error& error) {
        const std::string line = error.what();
        return line == path.string() + ": cannot be written: File too large" ? 0 : 2;
    }
}

TEST(Writing, AFileThatCannotGrowIsRemovedAndTheOldOneStays) {
    const TemporaryFolder folder;
    const TemporaryFolder logs;
    const auto path = folder / "chip.h5";
    writeSmallProfile(path);
    const std::string before = readFile(path);
    for (const rlim_t bytes : {1, 600, 2000, 5000, 100000, 300000}) {
        for (const bool large : {false, true}) {
            if (!large && bytes > 5000) continue;
            const Ended ended = inChild(logs, [&] {
                return writeWithLimit(path, bytes, large ? writeLargeProfile : writeSmallProfile);
            });
            EXPECT_EQ(ended.status, 0) << bytes << " " << large;
            EXPECT_EQ(ended.output, "") << bytes << " " << large;
            EXPECT_EQ(readFile(path), before);
            EXPECT_EQ(filesIn(folder.path()), 1U);
        }
    }
}

bool writeText(const char* path, const std::string& text) {
    std::ofstream file(path);
    file << text << std::flush;
    return file.good();
}

/// Mounts a file system of 256 KiB at `folder` that only this process sees; false where the machine
/// doesn't let it.
bool mountSmallDisk(const std::filesystem::path& folder) {
    const std::string user = "0 " + std::to_string(::getuid()) + " 1";
    const std::string group = "0 " + std::to_string(::getgid()) + " 1";
    return ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && writeText("/proc/self/uid_map", user) &&
           writeText("/proc/self/setgroups", "deny") && writeText("/proc/self/gid_map", group) &&
           ::mount("none", folder.c_str(), "tmpfs", 0, "size=256k") == 0;
}

TEST(Writing, AFullDiskGivesOneLineAndLeavesNothing) {
    const TemporaryFolder folder;
    const TemporaryFolder logs;
    constexpr int kNoMount = 77;
    const Ended ended = inChild(logs, [&] {
        if (!mountSmallDisk(folder.path())) return kNoMount;
        try {
            writeLargeProfile(folder / "chip.h5");
            return 1;
        } catch (const Error& error) {
            const std::string line = error.what();
            if (line !=
                (folder / "chip.h5").string() + ": cannot be written: No space left on device") {
                std::fprintf(stderr, "%s\n", line.c_str());
                return 2;
            }
        }
        return filesIn(folder.path()) == 0 ? 0 : 3;
    });
    if (ended.status == kNoMount) GTEST_SKIP() << "may not mount a file system here";
    EXPECT_EQ(ended.status, 0);
    EXPECT_EQ(ended.output, "");
}

TEST(Writing, NeedsAFolder) {
    const TemporaryFolder folder;
    const auto error = [](const std::filesystem::path& path) {
        return errorOf([&] { writeSmallProfile(path); });
    };
    EXPECT_THAT(error(folder / "none" / "chip.h5"), HasSubstr("chip.h5: cannot be written: "));
    EXPECT_THAT(error(folder.path()), HasSubstr("it is a folder"));
    writeAtomically(folder / "file", "");
    EXPECT_THAT(error(folder / "file" / "chip.h5"), HasSubstr("chip.h5: cannot be written: "));
    EXPECT_EQ(filesIn(folder.path()), 1U);
}

TEST(Writing, AnErrorOfTheChipsLeavesNothing) {
    const TemporaryFolder folder;
    const RecipePreset preset = smallPreset();
    const auto failing = [&](std::uint32_t chip) -> Chip {
        if (chip == 3) throw Error("chip 3", "can't be measured");
        return drawChip(preset.recipe, preset.device.geometry, chip);
    };
    EXPECT_EQ(
        errorOf([&] {
            writeThresholdProfile(folder / "chip.h5", headerOf(preset), {5, 0.75, 1}, failing);
        }),
        "chip 3: can't be measured");
    const auto other = [&](std::uint32_t) { return Chip(SramGeometry{1, 8, 8, 1}, {}, 0.75); };
    EXPECT_THAT(
        errorOf([&] {
            writeThresholdProfile(folder / "chip.h5", headerOf(preset), {5, 0.75, 1}, other);
        }),
        HasSubstr("chip 0: has another geometry"));
    EXPECT_EQ(filesIn(folder.path()), 0U);
}

TEST(Writing, RefusesWhatCouldNotBeReadBack) {
    const TemporaryFolder folder;
    const RecipePreset preset = smallPreset();
    const auto error = [&](const ProfileHeader& header, const Recipe& recipe) {
        return errorOf([&] { writeRecipeProfile(folder / "chip.h5", header, recipe); });
    };
    ProfileHeader header = headerOf(preset);
    header.referenceVoltages = {0.5, 0.8};
    EXPECT_THAT(error(header, preset.recipe), HasSubstr("reference voltages"));
    header = headerOf(preset);
    header.device.vminV = -1;
    EXPECT_THAT(error(header, preset.recipe), HasSubstr("Vmin"));
    header = headerOf(preset);
    header.device.geometry.columns = 200;
    EXPECT_THAT(error(header, preset.recipe), HasSubstr("at most 64"));
    Recipe recipe = preset.recipe;
    recipe.chips = 0;
    EXPECT_THAT(error(headerOf(preset), recipe), HasSubstr("0 chips"));
    const auto chip = [&](std::uint32_t) { return Chip(preset.device.geometry, {}, 0.75); };
    EXPECT_THAT(errorOf([&] {
                    writeThresholdProfile(folder / "c.h5", headerOf(preset), {1, 1, 0.75}, chip);
                }),
                HasSubstr("floor voltage"));
    EXPECT_EQ(filesIn(folder.path()), 0U);
}

}  // namespace
}  // namespace brownout
