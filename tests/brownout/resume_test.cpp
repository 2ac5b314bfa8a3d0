#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

const char* const kImages = kSanitized ? "20" : "100";
constexpr int kKills = kSanitized ? 8 : 20;  ///< under the sanitizers fewer than the name says

std::vector<std::string> sweepInto(const std::string& folder, const std::string& threads) {
    return {"sweep",
            "-m",
            zoo("rquant"),
            "-m",
            zoo("clipped"),
            "-d",
            "fashion-mnist",
            "-p",
            source("profiles/14nm.h5"),
            "-v",
            "1,0.875,0.833,0.792",
            "--chips",
            "4",
            "--images",
            kImages,
            "--threads",
            threads,
            "--out",
            folder,
            "--no-report",
            "--json",
            "--quiet"};
}

// The moments are random, from one seed, and spread over the time that a whole run takes; in each
// round a sweep is killed at up to three of them before it may finish.
TEST(Resume, AfterKillsAtTwentyRandomMomentsEndsWithTheSameBytes) {
    const TemporaryFolder whole;
    const auto begin = std::chrono::steady_clock::now();
    const RunResult expected = run(sweepInto(whole.path().string(), "2"));
    const auto duration = std::chrono::steady_clock::now() - begin;
    ASSERT_EQ(expected.status, 0) << expected.err;

    std::mt19937 random(20);
    int kills = 0;
    for (int round = 0; kills < kKills; ++round) {
        ASSERT_LT(round, 200);
        const TemporaryFolder folder;
        const std::string threads = round % 2 == 0 ? "1" : "2";
        for (int attempt = 0; attempt < 3; ++attempt) {
            const pid_t child = start(sweepInto(folder.path().string(), threads));
            const double share = std::uniform_real_distribution<>(0.05, 0.95)(random);
            std::this_thread::sleep_for(duration * share);
            ::kill(child, SIGKILL);
            int status = 0;
            ASSERT_EQ(::waitpid(child, &status, 0), child);
            kills += WIFSIGNALED(status) ? 1 : 0;
        }
        const RunResult resumed = run(sweepInto(folder.path().string(), threads));
        ASSERT_EQ(resumed.status, 0) << resumed.err;
        EXPECT_EQ(resumed.out, expected.out);
        for (const char* name : {"sweep.json", "summary.csv", "trials.csv"}) {
            EXPECT_EQ(readFile(folder / name), readFile(whole / name)) << name;
        }
        for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
            // A kill may leave the temporary file of an export; the exports themselves are whole.
            const std::string name = entry.path().filename().string();
            EXPECT_TRUE(name.find(".part") != std::string::npos || name == "sweep.json" ||
                        name == "summary.csv" || name == "trials.csv" ||
                        name.rfind("results.sqlite", 0) == 0)
                << name;
        }
    }
}

TEST(Resume, AFinishedSweepIsNotRunAgain) {
    const TemporaryFolder folder;
    ASSERT_EQ(run(sweepInto(folder.path().string(), "2")).status, 0);
    const auto begin = std::chrono::steady_clock::now();
    const RunResult again = run(sweepInto(folder.path().string(), "1"));
    EXPECT_EQ(again.status, 0);
    EXPECT_EQ(again.out, readFile(folder / "sweep.json"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(Resume, AnotherCampaignIsRefusedInOneLineThatSaysWhatDiffers) {
    const TemporaryFolder folder;
    auto arguments = sweepInto(folder.path().string(), "2");
    ASSERT_EQ(run(arguments).status, 0);
    const std::string before = readFile(folder / "trials.csv");
    *std::find(arguments.begin(), arguments.end(), kImages) = "10";
    const RunResult other = run(arguments);
    EXPECT_EQ(other.status, 1);
    EXPECT_NE(other.err.find("images"), std::string::npos) << other.err;
    EXPECT_EQ(std::count(other.err.begin(), other.err.end(), '\n'), 1) << other.err;
    EXPECT_EQ(readFile(folder / "trials.csv"), before);
}

}  // namespace
}  // namespace brownout::test
