#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

// The program and files on which the HDF5 library crashes or loops: one line and a status, never a
// signal. And a profile that is written again: the same chips.

namespace brownout::test {
namespace {

/// Returns a golden profile without its seal: HDF5 sees its damage.
std::string unsealed(const std::string& name) {
    return std::string(512, '\0') + readFile(source("tests/profiles/golden/" + name)).substr(512);
}

void expectOneLine(const RunResult& result, const std::string& path, const std::string& what) {
    // 0: the damage is somewhere that nobody reads; 3: validate found it.
    EXPECT_TRUE(result.status == 0 || result.status == 1 || result.status == 3)
        << what << ": status " << result.status << "\n"
        << result.err;
    if (result.status != 1) return;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << what << result.err;
    EXPECT_NE(result.err.find(path), std::string::npos) << what << result.err;
}

TEST(DamagedFiles, EndTheProgramWithALineHoweverHdf5TakesThem) {
    std::mt19937_64 random(5);
    const TemporaryFolder folder;
    const std::string path = folder / "mutant.h5";
    for (const char* name : {"counts-1.1.h5", "threshold-1.0.h5"}) {
        const std::string sound = unsealed(name);
        const std::size_t heap = sound.find("GCOL");
        const std::size_t from = heap == std::string::npos ? 512 : heap;
        for (int i = 0; i < (kSanitized ? 5 : 20); ++i) {
            std::string content = sound;
            for (int flips = 0; flips < 3; ++flips) {
                const std::size_t reach = i % 2 == 0 ? 256 : content.size() - from;
                content[from + random() % reach] = static_cast<char>(i % 3 == 0 ? 0xFF : random());
            }
            writeAtomically(path, content);
            const std::string what = std::string(name) + " " + std::to_string(i);
            expectOneLine(run({"profile", "info", "--quiet", path}), path, what);
            expectOneLine(run({"profile", "validate", "--quiet", path}), path, what);
            expectOneLine(run({"infer", "--quiet", "-m", zoo("rquant"), "-d", path}), path, what);
        }
    }
}

TEST(AProfileGeneratedAgain, ContinuesItsCampaign) {
    const TemporaryFolder folder;
    const auto generate = [&](const std::string& when, const std::string& seed,
                              const std::string& chips) {
        const RunResult result = run({"profile", "generate", "--chips", chips, "--seed", seed,
                                      "--quiet", "-o", folder / "chips.h5"},
                                     ".", {"SOURCE_DATE_EPOCH=" + when});
        ASSERT_EQ(result.status, 0) << result.err;
    };
    const auto sweep = [&] {
        return run({"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist", "-p", folder / "chips.h5",
                    "-v", "0.833", "--chips", "2", "--images", "20", "--no-report", "--quiet",
                    "--out", folder / "results"});
    };
    generate("1000000000", "3", "2");
    ASSERT_EQ(sweep().status, 0);
    const std::string before = readFile(folder / "chips.h5");
    generate("1700000000", "3", "4");
    EXPECT_NE(readFile(folder / "chips.h5"), before);
    const RunResult again = sweep();
    EXPECT_EQ(again.status, 0) << again.err;
    generate("1000000000", "4", "2");
    const RunResult other = sweep();
    EXPECT_EQ(other.status, 1) << other.err;
}

}  // namespace
}  // namespace brownout::test
