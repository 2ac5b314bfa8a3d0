#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

// Adaptive campaigns end to end: the right answer, the same bytes, and one line for what can't be.

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const char* const kImages = kSanitized ? "200" : "1000";

std::vector<std::string> sweep(const std::vector<std::string>& more) {
    std::vector<std::string> all{
        "sweep",    "-m",    zoo("rquant"), "-m",        zoo("randbet"), "-d",     "fashion-mnist",
        "--images", kImages, "--ber",       "1e-3,1e-1", "--quiet",      "--json", "--no-report"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

json jsonOf(const std::vector<std::string>& arguments) {
    const RunResult result = run(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out);
}

// The difference of two means whose intervals hold the truth in 95 % each lies outside the joint
// interval in less than 5 % of cases; the seeds are fixed.
TEST(Precision, GivesTheErrorOfAnExactCampaignForFewerImages) {
    const json exact = jsonOf(sweep({"--chips", "50"}));
    const json adaptive = jsonOf(sweep({"--precision", "5%", "--seed", "2"}));
    EXPECT_EQ(adaptive["campaign"]["precision"]["half_width"], "5%");
    EXPECT_EQ(adaptive["campaign"]["complete"], true);
    ASSERT_EQ(adaptive["points"].size(), exact["points"].size());
    std::uint64_t taken = 0;
    std::uint64_t wouldTake = 0;
    for (std::size_t i = 0; i < exact["points"].size(); ++i) {
        const json& one = adaptive["points"][i];
        const json& other = exact["points"][i];
        EXPECT_EQ(one["clean_error"], other["clean_error"]);
        for (const char* key : {"error", "robust_error"}) {
            // From the lower mean upwards, and from the higher one downwards.
            const bool isLower = one[key]["mean"] < other[key]["mean"];
            const json& low = (isLower ? one : other)[key];
            const json& high = (isLower ? other : one)[key];
            const auto above = low["ci95"][1].get<double>() - low["mean"].get<double>();
            const auto below = high["mean"].get<double>() - high["ci95"][0].get<double>();
            EXPECT_LE(high["mean"].get<double>() - low["mean"].get<double>(),
                      std::hypot(above, below))
                << key << " " << i;
        }
        const json& precision = one["precision"];
        EXPECT_TRUE(precision["reached"].get<bool>()) << i;
        EXPECT_LE(precision["half_width"].get<double>(), 0.05 * one["error"]["mean"].get<double>());
        taken += precision["image_inferences"].get<std::uint64_t>();
        wouldTake += precision["exact_image_inferences"].get<std::uint64_t>();
    }
    // The sum counts: a few chips with all images may know as much of a robust network at a low
    // rate, but an adaptive campaign rests on no less than twenty. The first round alone takes more
    // than all of the few images under the sanitizers.
    if (!kSanitized) {
        EXPECT_LE(4 * taken, wouldTake);
    }
    EXPECT_FALSE(exact["points"][0].contains("precision"));
}

TEST(Precision, IsWithoutWidthWhereNoCellFails) {
    auto arguments = sweep({"--precision", "0.2"});
    *std::find(arguments.begin(), arguments.end(), "1e-3,1e-1") = "0";
    const json campaign = jsonOf(arguments);
    for (const json& point : campaign["points"]) {
        EXPECT_EQ(point["error"]["mean"], point["clean_error"]);
        EXPECT_EQ(point["precision"]["half_width"], 0);
    }
}

// Killed at random moments, from one seed, with one thread and with two in turn.
TEST(Precision, EndsWithTheSameBytesAfterKillsAndForAnyNumberOfThreads) {
    const auto into = [](const TemporaryFolder& folder, const char* threads) {
        return sweep({"--precision", "6%", "--threads", threads, "--out", folder.path().string()});
    };
    const TemporaryFolder whole;
    const auto begin = std::chrono::steady_clock::now();
    const RunResult expected = run(into(whole, "1"));
    const auto duration = std::chrono::steady_clock::now() - begin;
    ASSERT_EQ(expected.status, 0) << expected.err;
    std::mt19937 random(9);
    for (int round = 0; round < (kSanitized ? 1 : 3); ++round) {
        const TemporaryFolder folder;
        for (int attempt = 0; attempt < 3; ++attempt) {
            const pid_t child = start(into(folder, attempt % 2 == 0 ? "2" : "1"));
            std::this_thread::sleep_for(duration *
                                        std::uniform_real_distribution<>(0.1, 0.6)(random));
            ::kill(child, SIGKILL);
            ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        }
        const RunResult resumed = run(into(folder, "2"));
        ASSERT_EQ(resumed.status, 0) << resumed.err;
        EXPECT_EQ(resumed.out, expected.out);
        for (const char* name : {"sweep.json", "summary.csv", "trials.csv"}) {
            EXPECT_EQ(readFile(folder / name), readFile(whole / name)) << name;
        }
    }
    const RunResult merged = run({"merge", whole.path().string(), "--out", whole / "merged"});
    EXPECT_EQ(merged.status, 1);
    EXPECT_THAT(merged.err, HasSubstr("nothing to merge"));
    EXPECT_EQ(run({"report", whole.path().string(), "--json"}).out, expected.out);
    auto other = into(whole, "1");
    *std::find(other.begin(), other.end(), "6%") = "7%";
    EXPECT_THAT(run(other).err, HasSubstr("precision.half_width is \"6%\" there and \"7%\""));
}

}  // namespace
}  // namespace brownout::test
