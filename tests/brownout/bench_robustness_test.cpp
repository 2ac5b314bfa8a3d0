#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>

#include "base/atomic_file.h"
#include "tests/brownout/bench_program.h"
#include "tests/hardware/damaging_link.h"

// The whole of it, over and over: a sweep of the program through a bench, over links that cut,
// garble, truncate, repeat, delay and drop answers, which in most runs is ended by a signal at some
// moment. After each run the supply is read from the instrument itself, past the damaged link. The
// next run goes on from the store; a sweep that comes to its end must have the results of an
// undisturbed one, in which no word is wrong that wasn't wrong on the chip.

namespace brownout::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kRuns = kSanitized ? 40 : 200;
constexpr int kBenches = 12;  ///< benches at once: most of a run is waiting
constexpr unsigned kLatestKill = kSanitized ? 4'000 : 700;  ///< ms, about the time of a sweep
constexpr milliseconds kTooLong(10'000);

/// The words that start a sweep of a bench's memory and supply at the URLs `gdb` and `scpi`.
std::vector<std::string> sweepThrough(const BenchProgram& bench, const std::string& gdb,
                                      const std::string& scpi, const std::string& out) {
    std::vector<std::string> words = bench.options("--memory");
    std::replace(words.begin(), words.end(), bench.gdb(), gdb);
    std::replace(words.begin(), words.end(), bench.scpi(), scpi);
    const std::vector<std::string> start{BROWNOUT_PROGRAM,
                                         "sweep",
                                         "-m",
                                         zoo("rquant"),
                                         "-d",
                                         "fashion-mnist",
                                         "--images",
                                         "20",
                                         "-v",
                                         "0.9V,0.86V,0.84V,0.833V",
                                         "--access",
                                         "retention",
                                         "--hold",
                                         "100ms",
                                         "--threads",
                                         "1",
                                         "--no-report",
                                         "--quiet",
                                         "--json",
                                         "--out",
                                         out};
    words.insert(words.begin(), start.begin(), start.end());
    return words;
}

/// Counts of the runs of all benches, by their ends.
struct Outcomes {
    std::mutex mutex;
    int completed = 0;  ///< runs that ended well, and with them a sweep
    int gaveUp = 0;     ///< runs that ended with an error
    int killed = 0;
    int killedAway = 0;  ///< of those, with the supply away from nominal
    int resumed = 0;     ///< runs that went on with a store
    int damages = 0;
    milliseconds longest{0};  ///< longest time from the end of a run to nominal
};

/// One bench, and the links to it.
class DamagedBench {
 public:
    DamagedBench(unsigned seed, std::string expected, Outcomes& outcomes)
        : expected_(std::move(expected)),
          outcomes_(outcomes),
          random_(seed),
          gdb_(addressOf(bench_.gdb()), seed, kShare),
          scpi_(addressOf(bench_.scpi()), seed + 1000, kShare, false) {}

    /// Runs the sweep once more: from its store, or a new one after it was completed.
    void runOnce() {
        const std::string out = folder_ / std::to_string(sweeps_);
        const std::string store = out + "/results.sqlite";
        const bool resumes = std::filesystem::exists(store);
        const bool kill = random_() % 4 != 0;
        const milliseconds moment(60 + random_() % kLatestKill);
        const int signals[] = {SIGKILL, SIGKILL, SIGTERM, SIGINT, SIGSEGV};
        const int signal = signals[random_() % 5];
        PeerProgram program(sweepThrough(bench_, "gdb://" + gdb_.address().text(),
                                         "scpi://" + scpi_.address().text(), out));
        auto status = program.wait(kill ? moment : milliseconds(120'000));
        const bool away = !status && bench_.volts() < 0.99;
        if (!status) program.signal(signal);
        status = program.wait(kTooLong);
        const milliseconds back = untilNominal();
        awaitGuardians(out + "/bench.log");
        EXPECT_EQ(bench_.volts(), 1) << "stays there";
        EXPECT_TRUE(status) << "a signal ends it";
        const std::lock_guard<std::mutex> lock(outcomes_.mutex);
        outcomes_.longest = std::max(outcomes_.longest, back);
        outcomes_.resumed += resumes ? 1 : 0;
        if (status && *status == 0) {
            EXPECT_EQ(pointsIn(program.output()), expected_);
            ++outcomes_.completed;
            ++sweeps_;
        } else if (status && WIFEXITED(*status)) {
            ++outcomes_.gaveUp;
        } else if (status) {
            EXPECT_TRUE(kill && WTERMSIG(*status) == signal)
                << "ended by itself, by signal " << WTERMSIG(*status) << "\n"
                << program.output();
            ++outcomes_.killed;
            outcomes_.killedAway += away ? 1 : 0;
        }
    }

    /// Completes the last sweep without damage.
    void complete() {
        gdb_.setShare(0);
        scpi_.setShare(0);
        PeerProgram program(
            sweepThrough(bench_, bench_.gdb(), bench_.scpi(), folder_ / std::to_string(sweeps_)));
        ASSERT_EQ(program.wait(milliseconds(60'000)), 0) << program.output();
        EXPECT_EQ(pointsIn(program.output()), expected_);
        const std::lock_guard<std::mutex> lock(outcomes_.mutex);
        outcomes_.damages += gdb_.damages() + scpi_.damages();
    }

    static std::string pointsIn(const std::string& output) {
        const auto begin = output.find('{');
        if (begin == std::string::npos) return output;
        return nlohmann::json::parse(output.substr(begin))["points"].dump();
    }
    static std::vector<std::string> chip() {
        return {"-p", source("profiles/14nm.h5"), "--vmin", "1V", "--nominal", "1V"};
    }

 private:
    static constexpr double kShare = 0.004;

    /// Waits until every guardian that wrote to a log has done its duty: one whose program was
    /// killed at nominal sets it again, over the damaged link, and the next run would find it
    /// there.
    static void awaitGuardians(const std::string& log) {
        const Deadline end = Deadline::in(kTooLong);
        while (std::filesystem::exists(log) && !end.passed()) {
            const std::string text = readFile(log);
            const auto count = [&](const std::string& words) {
                int found = 0;
                for (auto at = text.find(words); at != std::string::npos;
                     at = text.find(words, at + 1)) {
                    ++found;
                }
                return found;
            };
            if (count("guardian of") == count("nominal put back") + count("rehearsal failed")) {
                return;
            }
            std::this_thread::sleep_for(milliseconds(5));
        }
    }
    static TcpAddress addressOf(const std::string& url) {
        return parseTcpAddress("bench", url.substr(url.find("://") + 3));
    }
    milliseconds untilNominal() const {
        const auto begin = steady_clock::now();
        for (;;) {
            const auto elapsed =
                std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
            if (bench_.volts() == 1 || elapsed > kTooLong) return elapsed;
            std::this_thread::sleep_for(milliseconds(2));
        }
    }

    std::string expected_;
    Outcomes& outcomes_;
    std::mt19937 random_;
    BenchProgram bench_{chip()};
    DamagingLink gdb_;
    DamagingLink scpi_;
    TemporaryFolder folder_;
    int sweeps_ = 0;
};

/// Makes SIGSEGV end sanitized programs at once, as it ends others. The sanitizer's own handler
/// waits forever for its locks where the signal comes while it allocates or looks for leaks.
void letFaultsEndPrograms() {
    const char* before = std::getenv("ASAN_OPTIONS");
    const std::string options = before == nullptr ? "" : before + std::string(":");
    ::setenv("ASAN_OPTIONS", (options + "handle_segv=0").c_str(), 1);
}

TEST(BenchRobustness, After200RunsNominalIsBackInTwoSecondsAndEverySweepHasItsResults) {
    letFaultsEndPrograms();
    Outcomes outcomes;
    std::string expected;
    {
        const TemporaryFolder folder;
        BenchProgram bench(DamagedBench::chip());
        PeerProgram program(sweepThrough(bench, bench.gdb(), bench.scpi(), folder / "out"));
        ASSERT_EQ(program.wait(milliseconds(60'000)), 0) << program.output();
        expected = DamagedBench::pointsIn(program.output());
    }
    std::atomic<int> runs{0};
    std::vector<std::thread> threads;
    for (unsigned seed = 0; seed < kBenches; ++seed) {
        threads.emplace_back([&, seed] {
            DamagedBench bench(seed, expected, outcomes);
            while (runs++ < kRuns) bench.runOnce();
            bench.complete();
        });
    }
    for (auto& thread : threads) thread.join();
    std::printf(
        "%d runs: %d ended well, %d gave up, %d were killed (%d of them with the supply low); %d "
        "went on from a store; %d damages; the supply was back after %d ms at most\n",
        kRuns, outcomes.completed, outcomes.gaveUp, outcomes.killed, outcomes.killedAway,
        outcomes.resumed, outcomes.damages, static_cast<int>(outcomes.longest.count()));
    EXPECT_LT(outcomes.longest, milliseconds(2000));
    if (kSanitized) return;  // too slow for the moments of the kills to mean the same
    EXPECT_GT(outcomes.completed, kRuns / 10);
    EXPECT_GT(outcomes.killedAway, kRuns / 20);
    EXPECT_GT(outcomes.resumed, kRuns / 5);
    EXPECT_GT(outcomes.damages, kRuns / 4);
}

}  // namespace
}  // namespace brownout::test
