#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "base/atomic_file.h"
#include "profiles/profile_chips.h"
#include "tests/brownout/bench_program.h"
#include "tests/hardware/vxi11_peer.h"

// Real memories as users have them, on a bench that has none: the program `brownout bench` is the
// debugger's port and the supply.

namespace brownout::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::HasSubstr;

/// A shipped profile in multiples of Vmin, which is 1 V on this bench.
std::vector<std::string> benchOptions(const std::string& chip = "0") {
    return {"-p", source("profiles/14nm.h5"), "--vmin", "1V", "--nominal", "1V", "--chip", chip};
}

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

std::vector<std::string> subject(const std::string& images = "60") {
    return {"-m",       zoo("rquant"), "-d",          "fashion-mnist",
            "--images", images,        "--no-report", "--quiet"};
}

/// Returns the rows of a CSV file, each by the names of its columns.
std::vector<std::map<std::string, std::string>> rowsOf(const std::string& path) {
    std::istringstream lines(readFile(path));
    const auto split = [](const std::string& line) {
        std::vector<std::string> fields;
        std::istringstream in(line);
        for (std::string field; std::getline(in, field, ',');) fields.push_back(field);
        return fields;
    };
    std::string line;
    std::getline(lines, line);
    const auto names = split(line);
    std::vector<std::map<std::string, std::string>> rows;
    while (std::getline(lines, line)) {
        auto fields = split(line);
        fields.resize(names.size());
        std::map<std::string, std::string> row;
        for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = fields[i];
        rows.push_back(row);
    }
    return rows;
}

TEST(Bench, ASweepThroughItIsThatOfTheFunctionalMemoryTrialByTrial) {
    const TemporaryFolder folder;
    const std::vector<std::string> how{"--protection", "none,secded,parity-128", "--offsets", "2"};
    const RunResult expected =
        run(std::vector<std::string>{"sweep", "-p", source("profiles/14nm.h5"), "-v",
                                     "1,0.875,0.833", "--chips", "1", "--memory", "functional",
                                     "--out", folder / "functional"} +
            subject() + how);
    ASSERT_EQ(expected.status, 0) << expected.err;
    BenchProgram bench(benchOptions());
    const RunResult result =
        run(std::vector<std::string>{"sweep", "-v", "1V,0.875V,0.833V", "--out", folder / "bench"} +
            bench.options("--memory") + subject() + how);
    ASSERT_EQ(result.status, 0) << result.err;
    const auto functional = rowsOf(folder / "functional/trials.csv");
    const auto device = rowsOf(folder / "bench/trials.csv");
    ASSERT_EQ(device.size(), functional.size());
    ASSERT_EQ(device.size(), 18U);
    std::uint64_t silent = 0;
    for (std::size_t i = 0; i < device.size(); ++i) {
        for (const char* const column :
             {"images", "wrong_clean", "wrong_perturbed", "wrong_either", "bits_read", "words_read",
              "words_corrected", "words_detected", "words_miscorrected", "words_silent"}) {
            EXPECT_EQ(device[i].at(column), functional[i].at(column)) << column << ", trial " << i;
        }
        EXPECT_EQ(device[i].count("failing_cells"), 0U) << "no port shows them";
        const bool shown = device[i].at("network").find('+') == std::string::npos;
        EXPECT_EQ(device[i].at("bits_wrong"), shown ? functional[i].at("bits_wrong") : "");
        silent += std::stoull(device[i].at("words_silent"));
        EXPECT_NEAR(std::stod(device[i].at("supply_microvolts")) /
                        std::stod(device[i].at("supply_readings")),
                    1e6 * std::stod(device[i].at("point")), 0.5);
    }
    EXPECT_GT(silent, 1000U);
    EXPECT_THAT(
        readFile(folder / "bench/bench.log"),
        AllOf(HasSubstr("asked for 0.833 V, measured 0.833 V"), HasSubstr("Brownout,Bench")));
    EXPECT_EQ(bench.volts(), 1);
}

TEST(Bench, BistFindsExactlyThePersistentFaultsOfTheChip) {
    const TemporaryFolder folder;
    BenchProgram bench(benchOptions("5"));
    const RunResult result =
        run(std::vector<std::string>{"bist", "-v", "0.875V,0.833V", "-o", folder / "chip.h5",
                                     "--repeats", "2", "--quiet"} +
            bench.options("--target"));
    ASSERT_EQ(result.status, 0) << result.err;
    const Profile original = Profile::open(source("profiles/14nm.h5"));
    const Profile measured = Profile::open(folder / "chip.h5");
    EXPECT_EQ(measured.device().geometry, original.device().geometry);
    const auto failing = [](const Profile& profile, std::uint32_t chip, double supply) {
        std::set<std::tuple<std::uint32_t, float, float>> cells;
        for (const FaultyCell& cell : ProfileChips(profile).faults(chip, {supply})->cells()) {
            cells.insert({cell.cell, cell.p01, cell.p10});
        }
        return cells;
    };
    for (const double supply : {0.875, 0.833}) {
        const auto expected = failing(original, 5, supply);
        EXPECT_GT(expected.size(), 1000U);
        EXPECT_EQ(failing(measured, 0, supply), expected) << supply;
    }
    EXPECT_THAT(measured.info().history.back(), HasSubstr("Brownout,Bench"));
    EXPECT_EQ(bench.volts(), 1);
}

TEST(Bench, RetentionFailsInWhatIsStored) {
    BenchProgram bench(benchOptions() + std::vector<std::string>{"--failure", "retention"});
    const auto sweep = [&](const std::vector<std::string>& access) {
        const RunResult result = run(std::vector<std::string>{"sweep", "-v", "0.833V", "--json"} +
                                     bench.options("--memory") + subject() + access);
        EXPECT_EQ(result.status, 0) << result.err;
        return nlohmann::json::parse(result.out)["points"][0]["bits"]["wrong"].get<double>();
    };
    const RunResult model = run(std::vector<std::string>{"sweep", "-p", source("profiles/14nm.h5"),
                                                         "-v", "0.833", "--chips", "1", "--json"} +
                                subject());
    const auto expected =
        nlohmann::json::parse(model.out)["points"][0]["bits"]["wrong"].get<double>();
    EXPECT_EQ(sweep({"--access", "retention", "--hold", "20ms"}), expected);
}

TEST(Bench, AStoreIsOfOneDeviceAndGoesOnOnlyWithThat) {
    const TemporaryFolder folder;
    const auto sweep = [&](const BenchProgram& bench) {
        return run(std::vector<std::string>{"sweep", "-v", "0.9V", "--out", folder / "out"} +
                   bench.options("--memory") + subject("10"));
    };
    BenchProgram bench(benchOptions("0"));
    ASSERT_EQ(sweep(bench).status, 0);
    BenchProgram same(benchOptions("0"));
    EXPECT_EQ(sweep(same).status, 0) << "at other ports";
    BenchProgram other(benchOptions("1"));
    const RunResult refused = sweep(other);
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr("device.supply"));
}

/// Waits until the supply is at nominal; returns how long that took, or 10 s if it never was.
milliseconds untilNominal(const BenchProgram& bench) {
    const auto begin = steady_clock::now();
    const auto elapsed = [&] {
        return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
    };
    while (elapsed() < milliseconds(10'000)) {
        if (bench.volts() == 1) return elapsed();
        std::this_thread::sleep_for(milliseconds(5));
    }
    return elapsed();
}

// A sweep is killed at moments that one seed draws, while its supply moves; it goes on from its
// store each time and ends with the results of an undisturbed one.
TEST(Bench, AfterKillsTheSupplyIsBackWithinTwoSecondsAndTheSweepGoesOn) {
    const TemporaryFolder folder;
    BenchProgram bench(benchOptions());
    const auto sweep = [&](const std::string& out) {
        return std::vector<std::string>{
                   "sweep",    "-v",         "0.9V,0.875V,0.86V,0.85V,0.84V,0.833V",
                   "--out",    folder / out, "--json",
                   "--hold",   "100ms",      "--access",
                   "retention"} +
               bench.options("--memory") + subject("20");
    };
    const RunResult expected = run(sweep("whole"));
    ASSERT_EQ(expected.status, 0) << expected.err;
    std::mt19937 random(7);
    int kills = 0, away = 0, folders = 0;
    milliseconds longest(0);
    std::string killed;
    for (int attempt = 0; attempt < 40 && kills < 6; ++attempt) {
        const std::string out = "killed-" + std::to_string(folders);
        PeerProgram program(std::vector<std::string>{BROWNOUT_PROGRAM} + sweep(out));
        // The kill hits while the supply is low, where there is something to put back.
        const Deadline end = Deadline::in(milliseconds(20'000));
        const auto begin = steady_clock::now();
        const milliseconds moment(random() % 300);
        while (!program.wait(milliseconds(1)) && !end.passed()) {
            if (steady_clock::now() - begin > moment && bench.volts() < 0.95) break;
        }
        if (program.wait(milliseconds(0))) {
            ++folders;  // it was done first; the next one begins anew
            continue;
        }
        away += bench.volts() < 1 ? 1 : 0;
        program.signal(SIGKILL);
        ++kills;
        killed = out;
        longest = std::max(longest, untilNominal(bench));
        std::this_thread::sleep_for(milliseconds(20));
        EXPECT_EQ(bench.volts(), 1);
    }
    ASSERT_EQ(kills, 6);
    EXPECT_GT(away, 3);
    EXPECT_LT(longest, milliseconds(2000));
    EXPECT_THAT(readFile(folder / (killed + "/bench.log")),
                AllOf(HasSubstr("gone without a word"), HasSubstr("nominal put back")));
    const RunResult result = run(sweep(killed));
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(nlohmann::json::parse(result.out)["points"],
              nlohmann::json::parse(expected.out)["points"]);
}

TEST(Bench, ASupplyThatIsLostIsAnErrorOfItsOwn) {
    const TemporaryFolder folder;
    BenchProgram bench(benchOptions());
    PeerProgram program(std::vector<std::string>{BROWNOUT_PROGRAM, "sweep", "-v", "0.9V",
                                                 "--access", "retention", "--hold", "60s"} +
                        bench.options("--memory") + subject("10"));
    const Deadline end = Deadline::in(milliseconds(20'000));
    while (bench.volts() > 0.95 && !end.passed()) std::this_thread::sleep_for(milliseconds(2));
    bench.program().signal(SIGTERM);
    const auto ended = bench.program().wait(milliseconds(5000));
    ASSERT_TRUE(ended);
    EXPECT_EQ(*ended, 0) << "the bench ends in order";
    program.signal(SIGINT);
    const auto status = program.wait(milliseconds(10'000));
    ASSERT_TRUE(status);
    EXPECT_TRUE(WIFSIGNALED(*status));
    // The guardian shouts after two seconds, on behalf of the program that is no more.
    const Deadline shout = Deadline::in(milliseconds(10'000));
    while (program.output().find("IS NOT AT NOMINAL") == std::string::npos && !shout.passed()) {
        std::this_thread::sleep_for(milliseconds(20));
    }
    EXPECT_THAT(program.output(), HasSubstr("IS NOT AT NOMINAL (1 V)"));
}

TEST(Bench, ASupplyBehindVxi11IsPutBackAfterAKill) {
    Vxi11Peer supply;
    if (!supply.problem().empty()) GTEST_SKIP() << supply.problem();
    const TemporaryFolder folder;
    BenchProgram bench(benchOptions());
    std::vector<std::string> sweep =
        std::vector<std::string>{BROWNOUT_PROGRAM, "sweep",    "-v",        "0.8V",  "--out",
                                 folder / "out",   "--access", "retention", "--hold"} +
        std::vector<std::string>{"30s"} + bench.options("--memory") + subject("10");
    std::replace(sweep.begin(), sweep.end(), bench.scpi(), supply.url());
    PeerProgram program(sweep);
    const Deadline end = Deadline::in(milliseconds(20'000));
    while (supply.volts() > 0.85 && !end.passed()) std::this_thread::sleep_for(milliseconds(5));
    program.signal(SIGKILL);
    ASSERT_TRUE(program.wait(milliseconds(5000))) << program.output();
    const Deadline back = Deadline::in(milliseconds(2000));
    while (supply.volts() < 0.99 && !back.passed()) std::this_thread::sleep_for(milliseconds(5));
    EXPECT_NEAR(supply.volts(), 1, 0.001);
    std::this_thread::sleep_for(milliseconds(200));
    EXPECT_THAT(readFile(folder / "out/bench.log"),
                AllOf(HasSubstr("supply is Schoolbook,PSU1"), HasSubstr("asked for 0.8 V"),
                      HasSubstr("nominal put back, measured 1.0004 V")));
}

TEST(Bench, WrongUsesAreToldBeforeTheSupplyGoesDown) {
    BenchProgram bench(benchOptions());
    const auto problem = [&](std::vector<std::string> options, int status = 2) {
        const RunResult result = run(std::vector<std::string>{"sweep"} + bench.options("--memory") +
                                     subject("10") + options);
        EXPECT_EQ(result.status, status) << result.err;
        return result.err;
    };
    EXPECT_THAT(problem({"-v", "0.9"}), HasSubstr("a device takes volts"));
    EXPECT_THAT(problem({}), HasSubstr("are missing"));
    EXPECT_THAT(problem({"-v", "0.4V"}, 1), HasSubstr("outside the limits, 0.5 V to 1 V"));
    EXPECT_THAT(problem({"-v", "0.9V", "--ber", "0.1"}), HasSubstr("--ber"));
    EXPECT_THAT(problem({"-v", "0.9V", "-p", source("profiles/14nm.h5")}), HasSubstr("--profile"));
    EXPECT_THAT(problem({"-v", "0.9V", "--chips", "2"}), HasSubstr("one chip"));
    EXPECT_THAT(problem({"-v", "0.9V", "--precision", "1"}), HasSubstr("--precision"));
    EXPECT_THAT(problem({"-v", "0.9V", "--hold", "1s"}), HasSubstr("--access retention"));
    EXPECT_THAT(problem({"-v", "0.9V", "--access", "write"}), HasSubstr("at-supply or retention"));
    EXPECT_THAT(problem({"-v", "0.9V", "--array", "512"}), HasSubstr("ROWSxCOLUMNS"));
    EXPECT_THAT(problem({"-v", "0.9V", "--array", "500x64"}), HasSubstr("no whole arrays"));
    EXPECT_THAT(run(std::vector<std::string>{"sweep", "-p", source("profiles/14nm.h5"), "--limits",
                                             "0.5V:1V"} +
                    subject("10"))
                    .err,
                HasSubstr("goes with a real memory"));
}

}  // namespace
}  // namespace brownout::test
