#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <new>
#include <random>

#include "base/atomic_file.h"
#include "base/temporary_files.h"
#include "base/trial_run.h"
#include "damaged_files.h"
#include "profiles/profile.h"
#include "profiles/simulated_measurement.h"
#include "profiles/validate.h"
#include "test_profiles.h"

// Damaged files, each read whole in a child process. The library must end with an Error of one line
// or with a profile: never with another exception, with more than a minute, or by a signal, unless
// the file has no seal and HDF5 itself crashes on it. That is what tryInChild is for, and a profile
// that it lets pass must not crash here.

namespace brownout {
namespace {

enum Outcome { kOpens = 0, kRefused = 1, kWrong = 2 };

/// Reads all that can be read.
Outcome use(const std::filesystem::path& path) {
    try {
        const Profile profile = Profile::open(path);
        readWhole(profile);
        for (const double v : profile.referenceVoltages()) {
            if (!profile.counts()) profile.chip(0, v);
        }
        return kOpens;
    } catch (const Error& error) {
        const std::string line = error.what();
        if (line.find('\n') != std::string::npos) return kWrong;
        return line.compare(0, path.string().size(), path.string()) == 0 ? kRefused : kWrong;
    } catch (...) {
        return kWrong;
    }
}

/// Returns how using the file in a child process ends; -1 for a signal.
int useInChild(const std::filesystem::path& path) {
    if (!carriesSeal(path)) {
        try {
            tryInChild({path.string(), "the HDF5 library", 2},
                       [&] { Profile::open(path).readAll(); });
        } catch (const Error&) {
            return kRefused;
        }
    }
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(60);
        ::_exit(use(path));
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) < 0 || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

struct Tally {
    int opens = 0;
    int refused = 0;

    void add(const std::filesystem::path& path, const std::string& what) {
        const int outcome = useInChild(path);
        EXPECT_TRUE(outcome == kOpens || outcome == kRefused) << what << ": outcome " << outcome;
        opens += outcome == kOpens;
        refused += outcome == kRefused;
    }
};

/// Some of the bytes of `content` changed: one bit, all ones or at random, one to three times.
std::string flipped(std::string content, std::size_t from, std::mt19937_64& random) {
    for (std::uint64_t flips = 1 + random() % 3; flips > 0; --flips) {
        char& byte = content[from + random() % (content.size() - from)];
        const auto bit = static_cast<char>(1 << random() % 8);
        const std::uint64_t kind = random() % 3;
        byte = kind == 0   ? static_cast<char>(byte ^ bit)
               : kind == 1 ? static_cast<char>(0xFF)
                           : static_cast<char>(random());
    }
    return content;
}

class Mutations : public testing::Test {
 protected:
    /// Content of the sound files: sealed recipe and threshold, the same without a seal, and one of
    /// another program.
    std::string sealedRecipe() {
        writeRecipeProfile(folder_ / "r.h5", headerOf(smallPreset()), smallPreset().recipe);
        return readFile(folder_ / "r.h5");
    }
    std::string sealedThreshold() {
        sealedRecipe();
        expandProfile(Profile::open(folder_ / "r.h5"), folder_ / "t.h5");
        return readFile(folder_ / "t.h5");
    }
    std::string unsealed(const std::string& content) {
        return std::string(512, '\0') + content.substr(512);
    }
    std::string foreign() {
        makeForeignProfile(folder_ / "f.h5");
        return readFile(folder_ / "f.h5");
    }
    std::string sealedCounts() {
        sealedThreshold();
        measureProfile(Profile::open(folder_ / "r.h5"), folder_ / "c.h5", {{0.75, 0.8}, {}, 9, 1});
        return readFile(folder_ / "c.h5");
    }
    std::string foreignCounts() {
        makeForeignCounts(folder_ / "f.h5");
        return readFile(folder_ / "f.h5");
    }
    void write(const std::string& content) {
        std::ofstream(path_, std::ios::binary | std::ios::trunc) << content;
    }

    TemporaryFolder folder_;
    std::filesystem::path path_ = folder_ / "mutant.h5";
    std::mt19937_64 random_{17};
};

TEST_F(Mutations, TruncatedFilesAreRefused) {
    for (const std::string& sound :
         {sealedRecipe(), unsealed(sealedRecipe()), sealedThreshold(), unsealed(sealedThreshold()),
          foreign(), sealedCounts(), unsealed(sealedCounts()), foreignCounts()}) {
        Tally tally;
        for (int i = 0; i < 24; ++i) {
            const std::size_t length = i < 4 ? std::size_t{7} << (3 * i) : random_() % sound.size();
            write(sound.substr(0, length));
            tally.add(path_, "first " + std::to_string(length) + " bytes");
        }
        EXPECT_EQ(tally.opens, 0);
    }
}

TEST_F(Mutations, FlippedBytesOfSealedFilesAreRefused) {
    for (const std::string& sound : {sealedRecipe(), sealedThreshold(), sealedCounts()}) {
        Tally tally;
        for (int i = 0; i < 60; ++i) {
            write(flipped(sound, 512, random_));
            tally.add(path_, "flip " + std::to_string(i));
        }
        EXPECT_EQ(tally.opens, 0);
    }
}

TEST_F(Mutations, FlippedBytesOfTheSealDoNoHarm) {
    const std::string sound = sealedRecipe();
    for (std::size_t i = 0; i < 90; ++i) {
        std::string content = sound;
        content[i] = static_cast<char>(content[i] ^ (1 << random_() % 8));
        write(content);
        Tally().add(path_, "seal byte " + std::to_string(i));
    }
}

TEST_F(Mutations, FlippedBytesOfFilesWithoutASealCrashNothing) {
    for (const std::string& sound : {unsealed(sealedRecipe()), unsealed(sealedThreshold()),
                                     foreign(), unsealed(sealedCounts()), foreignCounts()}) {
        for (int i = 0; i < 60; ++i) {
            write(flipped(sound, 0, random_));
            Tally().add(path_, "flip " + std::to_string(i));
        }
    }
}

TEST_F(Mutations, FlippedBytesWhereTheHdf5LibraryIsKnownToCrashDoNot) {
    // The heap that holds strings of variable length, and headers: most crashes come from there.
    const std::string sound = foreign();
    const std::size_t heap = sound.find("GCOL");
    ASSERT_NE(heap, std::string::npos);
    for (std::size_t i = 0; i < 240; i += 5) {
        std::string content = sound;
        content[heap + i] = static_cast<char>(i % 2 == 0 ? 0xFF : content[heap + i] ^ 4);
        write(content);
        Tally().add(path_, "heap byte " + std::to_string(i));
    }
}

TEST_F(Mutations, FilesWithOneThingWrongCrashNothing) {
    const std::vector<DamagedFile> files = damagedFiles();
    EXPECT_GE(files.size(), 200U);
    for (const DamagedFile& damaged : files) {
        makeSoundFile(path_, damaged);
        {
            H5Surgery file(path_);
            damaged.damage(file);
        }
        Tally().add(path_, damaged.name);
        EXPECT_NO_THROW(validateProfile(path_)) << damaged.name;
    }
}

}  // namespace
}  // namespace brownout
