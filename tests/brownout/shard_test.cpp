// Do shards that are run apart, killed and resumed give the bytes of one run?

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

const char* const kImages = kSanitized ? "10" : "50";

std::vector<std::string> sweepInto(const std::string& folder,
                                   const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"sweep",
                                          "-m",
                                          zoo("rquant"),
                                          "-m",
                                          zoo("clipped"),
                                          "-d",
                                          "fashion-mnist",
                                          "-p",
                                          source("profiles/14nm.h5"),
                                          "-v",
                                          "1,0.875,0.833",
                                          "--chips",
                                          "5",
                                          "--images",
                                          kImages,
                                          "--threads",
                                          "2",
                                          "--quiet",
                                          "--out",
                                          folder};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

void expectSameExports(const TemporaryFolder& a, const TemporaryFolder& b) {
    for (const char* name : {"sweep.json", "summary.csv", "trials.csv"}) {
        EXPECT_EQ(readFile(a / name), readFile(b / name)) << name;
    }
}

/// Returns the page without the commands that it shows under "How to replay it".
std::string pageWithoutCommands(const TemporaryFolder& folder) {
    std::string page = readFile(folder / "report.html");
    const auto replay = page.find("How to replay it");
    const auto begin = page.find("<pre>", replay);
    page.erase(begin, page.find("</pre>", begin) - begin);
    return page;
}

TEST(Shards, MergedGiveTheBytesOfOneRunAlsoAfterAKill) {
    const TemporaryFolder whole;
    const auto begin = std::chrono::steady_clock::now();
    const RunResult expected = run(sweepInto(whole.path().string()));
    const auto duration = std::chrono::steady_clock::now() - begin;
    ASSERT_EQ(expected.status, 0) << expected.err;

    const TemporaryFolder parts;
    std::vector<std::string> merge = {"merge", "--quiet"};
    for (const std::string shard : {"0", "1", "2"}) {
        const auto arguments = sweepInto(parts / shard, {"--shard", shard + "/3", "--no-report"});
        if (shard == "1") {
            const pid_t child = start(arguments);
            std::this_thread::sleep_for(duration / 5);
            ::kill(child, SIGKILL);
            int status = 0;
            ASSERT_EQ(::waitpid(child, &status, 0), child);
        }
        const RunResult result = run(arguments);
        ASSERT_EQ(result.status, 0) << result.err;
        merge.push_back(parts / shard);
    }
    const TemporaryFolder merged;
    merge.insert(merge.end(), {"--out", merged.path().string()});
    const RunResult result = run(merge);
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.out, expected.out);
    EXPECT_EQ(result.err, "");
    expectSameExports(merged, whole);
    EXPECT_EQ(pageWithoutCommands(merged), pageWithoutCommands(whole));
    const std::string page = readFile(merged / "report.html");
    EXPECT_NE(page.find("--shard 1/3"), std::string::npos);
    EXPECT_NE(page.find("brownout merge"), std::string::npos);
}

TEST(Shards, OfWhichSomeAreMissingAreMergedAndNamed) {
    const TemporaryFolder folder;
    for (const std::string shard : {"0", "2"}) {
        const RunResult result =
            run(sweepInto(folder / shard, {"--shard", shard + "/4", "--no-report", "--json"}));
        ASSERT_EQ(result.status, 0) << result.err;
        const auto json = nlohmann::json::parse(result.out);
        EXPECT_EQ(json["campaign"]["complete"], false);
        EXPECT_EQ(json["campaign"]["trials"], 30);
    }
    const RunResult result =
        run({"merge", folder / "0", folder / "2", "--out", folder / "all", "--no-report"});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.err,
              "brownout: 16 of 30 trials are missing: 8 of shard 1/4, 8 of shard 3/4\n");
    EXPECT_NE(result.out.find("Unfinished: 14 of 30 trials"), std::string::npos) << result.out;
    const std::string csv = readFile(folder / "all/trials.csv");
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 15);

    // The page of a shard says what it is a part of.
    ASSERT_EQ(run({"report", folder / "0"}).status, 0);
    const std::string page = readFile(folder / "0/report.html");
    EXPECT_NE(page.find("This campaign is unfinished: 7 of 30 trials are in. These are the results "
                        "of shard 0/4, which has 7 trials."),
              std::string::npos);
}

TEST(Shards, AFolderTakesItsOwnShardOnlyAndShardsNeedAFolder) {
    const TemporaryFolder folder;
    ASSERT_EQ(run(sweepInto(folder / "a", {"--shard", "0/3", "--no-report"})).status, 0);
    for (const std::vector<std::string>& other :
         {std::vector<std::string>{"--shard", "1/3"}, {"--shard", "0/2"}, {}}) {
        const RunResult result = run(sweepInto(folder / "a", other));
        EXPECT_EQ(result.status, 1);
        EXPECT_NE(result.err.find("holds the trials of shard 0/3"), std::string::npos)
            << result.err;
    }
    auto without = sweepInto(folder / "b", {"--shard", "0/3"});
    without.erase(std::find(without.begin(), without.end(), "--out"),
                  std::find(without.begin(), without.end(), "--out") + 2);
    EXPECT_EQ(run(without).status, 2);
    for (const char* wrong : {"3/3", "x", "-1/3", ""}) {
        const RunResult result = run(sweepInto(folder / "b", {"--shard", wrong}));
        EXPECT_EQ(result.status, 2) << wrong;
        EXPECT_NE(result.err.find("--shard"), std::string::npos) << result.err;
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "b"));
}

TEST(Shards, OfDifferentCampaignsAreRefused) {
    const TemporaryFolder folder;
    ASSERT_EQ(run(sweepInto(folder / "a", {"--shard", "0/2", "--no-report"})).status, 0);
    ASSERT_EQ(
        run(sweepInto(folder / "b", {"--shard", "1/2", "--no-report", "--offsets", "2"})).status,
        0);
    const RunResult result = run({"merge", folder / "a", folder / "b", "--out", folder / "all"});
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.err.find("is not of the campaign in"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("offsets has 1 entries there and 2 here"), std::string::npos)
        << result.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "all"));
}

// A folder stands in the place of a file: what a full disk does to a file, for root as well.
TEST(Output, OfAFileThatCannotBeWrittenDoesNotCostThePrintedResults) {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder / "a/report.html");
    const RunResult page = run(sweepInto(folder / "a"));
    EXPECT_EQ(page.status, 1);
    EXPECT_NE(page.out.find("failing cells %"), std::string::npos);
    EXPECT_EQ(page.err.find("warning: there is no page: " + (folder / "a/report.html")), 0U)
        << page.err;
    EXPECT_TRUE(std::filesystem::exists(folder / "a/trials.csv"));

    std::filesystem::create_directories(folder / "b/summary.csv");
    const RunResult exports = run(sweepInto(folder / "b"));
    EXPECT_EQ(exports.status, 1);
    EXPECT_EQ(exports.out, page.out);
    EXPECT_EQ(exports.err.find("brownout: " + (folder / "b/summary.csv")), 0U) << exports.err;
}

class WithoutGnuplot : public testing::Test {
 protected:
    /// Makes a program `gnuplot` that the sweep finds before any other.
    void makeGnuplot(const std::string& script) const {
        const auto path = folder_ / "gnuplot";
        std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
        ::chmod(path.c_str(), 0755);
    }
    RunResult sweep(const std::vector<std::string>& more) const {
        return run(sweepInto(folder_ / "results", more), ".", {"PATH=" + folder_.path().string()});
    }
    void expectResults(const RunResult& result) const {
        EXPECT_NE(result.out.find("failing cells %"), std::string::npos);
        for (const char* name : {"results/sweep.json", "results/summary.csv", "results/trials.csv"})
            EXPECT_TRUE(std::filesystem::exists(folder_ / name)) << name;
        EXPECT_FALSE(std::filesystem::exists(folder_ / "results/report.html"));
    }
    TemporaryFolder folder_;
};

TEST_F(WithoutGnuplot, ASweepSaysSoAtTheStartAndGivesItsResults) {
    const RunResult result = sweep({});
    EXPECT_EQ(result.status, 1);
    expectResults(result);
    EXPECT_EQ(result.err.find("warning: there will be no page, because gnuplot is not there"), 0U)
        << result.err;
    EXPECT_EQ(sweep({"--no-report"}).err, "");
    EXPECT_EQ(sweep({"--no-report"}).status, 0);
}

TEST_F(WithoutGnuplot, ThatWorksASweepEndsWithOneWarningAfterItsResults) {
    makeGnuplot("echo broken >&2; exit 3");
    const RunResult result = sweep({});
    EXPECT_EQ(result.status, 1);
    expectResults(result);
    EXPECT_EQ(result.err, "warning: there is no page: gnuplot: failed and said: broken\n");
}

}  // namespace
}  // namespace brownout::test
