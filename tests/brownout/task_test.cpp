// Do sweeps with --task give the same bytes for any threads, shards and kills, and say what they
// measured?

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

std::string made(const std::string& name) { return source("tests/inference/data/" + name); }

struct Swept {
    const char* network;
    const char* task;
};
void PrintTo(const Swept& swept, std::ostream* out) { *out << swept.network << " " << swept.task; }

std::vector<std::string> sweepOf(const Swept& swept, std::vector<std::string> more) {
    std::vector<std::string> arguments{"sweep",
                                       "-m",
                                       made(swept.network),
                                       "-d",
                                       made("tasks.h5"),
                                       "--task",
                                       swept.task,
                                       "--ber",
                                       "1e-3,1e-2",
                                       "--chips",
                                       "6",
                                       "--offsets",
                                       "2",
                                       "--format",
                                       "fp32,int8",
                                       "--no-report",
                                       "--json",
                                       "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

class Tasks : public testing::TestWithParam<Swept> {};

TEST_P(Tasks, GiveTheSameBytesForAnyThreadsAndShards) {
    const TemporaryFolder one;
    const RunResult expected =
        run(sweepOf(GetParam(), {"--threads", "1", "--out", one.path().string()}));
    ASSERT_EQ(expected.status, 0) << expected.err;
    for (const char* threads : {"2", "5"}) {
        const TemporaryFolder other;
        const RunResult result =
            run(sweepOf(GetParam(), {"--threads", threads, "--out", other.path().string()}));
        EXPECT_EQ(result.out, expected.out);
        EXPECT_EQ(readFile(other / "trials.csv"), readFile(one / "trials.csv"));
        EXPECT_EQ(readFile(other / "summary.csv"), readFile(one / "summary.csv"));
    }
    const TemporaryFolder shards;
    std::vector<std::string> merge{"merge", "--out", shards / "all"};
    for (const char* shard : {"2/3", "0/3", "1/3"}) {
        const std::string folder = shards / ("part" + std::string(shard, 1));
        ASSERT_EQ(run(sweepOf(GetParam(), {"--shard", shard, "--out", folder})).status, 0);
        merge.push_back(folder);
    }
    const RunResult merged = run(merge);
    ASSERT_EQ(merged.status, 0) << merged.err;
    for (const char* name : {"sweep.json", "summary.csv", "trials.csv"}) {
        EXPECT_EQ(readFile(shards / ("all/" + std::string(name))), readFile(one / name)) << name;
    }
}

TEST_P(Tasks, EndWithTheSameBytesAfterKills) {
    const TemporaryFolder whole;
    const auto begin = std::chrono::steady_clock::now();
    const RunResult expected = run(sweepOf(GetParam(), {"--out", whole.path().string()}));
    const auto duration = std::chrono::steady_clock::now() - begin;
    ASSERT_EQ(expected.status, 0) << expected.err;
    std::mt19937 random(5);
    const TemporaryFolder folder;
    for (int kill = 0; kill < 6; ++kill) {
        const pid_t child = start(sweepOf(GetParam(), {"--out", folder.path().string()}));
        std::this_thread::sleep_for(duration * std::uniform_real_distribution<>(0.1, 0.9)(random));
        ::kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
    }
    const RunResult resumed = run(sweepOf(GetParam(), {"--out", folder.path().string()}));
    ASSERT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_EQ(resumed.out, expected.out);
    EXPECT_EQ(readFile(folder / "trials.csv"), readFile(whole / "trials.csv"));
    // A campaign of another task is another one.
    const RunResult other = run({"sweep", "-m", made(GetParam().network), "-d", made("tasks.h5"),
                                 "--task", std::string(GetParam().task) == "mse" ? "auc" : "mse",
                                 "--ber", "1e-3", "--out", folder.path().string()});
    EXPECT_EQ(other.status, 1);
}

INSTANTIATE_TEST_SUITE_P(All, Tasks,
                         testing::Values(Swept{"autoencoder.onnx", "mse"},
                                         Swept{"autoencoder.onnx", "auc"},
                                         Swept{"regressor.onnx", "mse"},
                                         Swept{"scorer.onnx", "auc"}),
                         [](const auto& swept) {
                             const std::string network = swept.param.network;
                             return network.substr(0, network.find('.')) + "_" + swept.param.task;
                         });

TEST(Task, IsWhatTheTableAndTheJsonAreAbout) {
    const std::vector<std::string> common{"sweep",   "-d", made("tasks.h5"), "--ber", "1e-2",
                                          "--chips", "3",  "--quiet"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), common.begin(), common.end());
        const RunResult result = run(more);
        EXPECT_EQ(result.status, 0) << result.err;
        return result.out;
    };
    const std::string table = with({"-m", made("autoencoder.onnx"), "--task", "mse"});
    EXPECT_THAT(table, HasSubstr("clean MSE"));
    EXPECT_THAT(table, HasSubstr("not finite %"));
    EXPECT_THAT(table, HasSubstr("MSEs: mean ± standard deviation over 3 chips"));
    EXPECT_THAT(table, Not(HasSubstr("rror %")));
    const json auc =
        json::parse(with({"-m", made("scorer.onnx"), "--task", "auc", "--json"}))["points"][0];
    EXPECT_NEAR(auc["clean_auc"].get<double>(), 0.99, 0.02);
    EXPECT_LE(auc["auc"]["mean"], 1);
    EXPECT_EQ(auc["auc"]["ci95"].size(), 2U);
    EXPECT_FALSE(auc.contains("robust_error"));
    // Classes are the default.
    EXPECT_EQ(with({"-m", made("regressor.onnx"), "--json"}),
              with({"-m", made("regressor.onnx"), "--json", "--task", "top1"}));
}

TEST(Task, IsWhatThePageIsAbout) {
    const TemporaryFolder folder;
    for (const char* task : {"mse", "auc"}) {
        const std::string out = folder / task;
        const RunResult result =
            run({"sweep", "-m", made("autoencoder.onnx"), "-d", made("tasks.h5"), "--task", task,
                 "-p", source("profiles/14nm.h5"), "-v", "1,0.875,0.833", "--chips", "3", "--quiet",
                 "--out", out});
        ASSERT_EQ(result.status, 0) << result.err;
        const std::string page = readFile(out + "/report.html");
        const std::string name = std::string(task) == "mse" ? "MSE" : "AUC";
        EXPECT_THAT(page, HasSubstr(name + " against voltage"));
        EXPECT_THAT(page, HasSubstr("clean " + name));
        EXPECT_THAT(page, HasSubstr(name + " without faults"));
        EXPECT_THAT(page, Not(HasSubstr("lassified")));
        EXPECT_THAT(page, Not(HasSubstr("error %")));
    }
    const RunResult mixed =
        run({"report", folder / "mse", folder / "auc", "--out", folder / "both.html"});
    EXPECT_EQ(mixed.status, 1);
    EXPECT_THAT(mixed.err, HasSubstr("expected sweeps of one task"));
}

TEST(Task, ThatDoesntFitIsOneLine) {
    struct Wrong {
        std::vector<std::string> arguments;
        int status;
        const char* line;
    };
    for (const Wrong& wrong : std::vector<Wrong>{
             {{"-m", made("scorer.onnx"), "--task", "best"},
              2,
              "--task: 'best'; expected top1, mse or auc"},
             {{"-m", made("scorer.onnx"), "--task", "auc", "--top", "5"},
              2,
              "--top: goes with the task top1, not with auc"},
             {{"-m", made("regressor.onnx"), "--task", "auc"},
              1,
              "regressor.onnx: gives 3 values an image; expected one"},
             {{"-m", made("scorer.onnx"), "--task", "mse"}, 1, "has 3 targets an image"}}) {
        std::vector<std::string> arguments{"sweep", "-d", made("tasks.h5"), "--ber", "1e-3"};
        arguments.insert(arguments.end(), wrong.arguments.begin(), wrong.arguments.end());
        const RunResult result = run(arguments);
        EXPECT_EQ(result.status, wrong.status) << result.err;
        EXPECT_THAT(result.err, HasSubstr(wrong.line));
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    }
    const RunResult labels = run({"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist", "--images",
                                  "20", "--task", "mse", "--ber", "1e-3"});
    EXPECT_EQ(labels.status, 1);
    EXPECT_THAT(labels.err, HasSubstr("gives 10 values an image; expected 784, as many as an image "
                                      "has (an autoencoder), or `targets` in the data set"));
}

}  // namespace
}  // namespace brownout::test
