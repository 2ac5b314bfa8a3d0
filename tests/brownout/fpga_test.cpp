#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"
#include "tests/hardware/peer_program.h"

// The program and an FPGA that plays failing chips: the design of rtl/fpga in simulation, as a
// process of its own.

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// fpga-simulation while it runs.
class Simulation {
 public:
    explicit Simulation(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), BROWNOUT_FPGA_SIMULATION);
        program_ = std::make_unique<PeerProgram>(std::move(arguments));
        address_ = program_->wordAfter("listening at ");
        if (address_.empty()) throw Error("fpga-simulation", program_->output());
    }
    ~Simulation() {
        program_->signal(SIGTERM);
        EXPECT_EQ(program_->wait(std::chrono::milliseconds(20'000)), 0);
    }

    /// Returns the address that --memory takes.
    const std::string& address() const { return address_; }

 private:
    std::unique_ptr<PeerProgram> program_;
    std::string address_;
};

/// A profile of two chips that fit the design, of whose cells many fail.
std::string profileIn(const TemporaryFolder& folder) {
    const std::string path = folder / "chips.h5";
    const RunResult result = run({"profile", "generate", "--chips", "2", "--arrays", "8", "--seed",
                                  "5", "-o", path, "--quiet"});
    EXPECT_EQ(result.status, 0) << result.err;
    return path;
}

std::vector<std::string> sweepOf(const std::string& profile, const std::string& protection,
                                 const std::vector<std::string>& more) {
    std::vector<std::string> all{"sweep",    "-m",       zoo("rquant"), "-d",       "fashion-mnist",
                                 "--images", "20",       "-p",          profile,    "-v",
                                 "0.85,0.8", "--chips",  "2",           "--format", "int8",
                                 "--codec",  protection, "--quiet"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

/// Expects that a sweep through the memory at `address` stores the trials that one through the
/// functional memory does.
void expectEqualTrials(const std::string& address, const std::string& protection) {
    const TemporaryFolder folder;
    const std::string profile = profileIn(folder);
    for (const std::string& memory : {std::string("functional"), address}) {
        const std::string out = folder / (memory == address ? "fpga" : "functional");
        const RunResult result =
            run(sweepOf(profile, protection, {"--memory", memory, "--threads", "2", "--out", out}));
        ASSERT_EQ(result.status, 0) << result.err;
    }
    const std::string trials = readFile(folder / "functional/trials.csv");
    EXPECT_EQ(std::count(trials.begin(), trials.end(), '\n'), 5) << trials;  // a header, 2 x 2
    EXPECT_EQ(readFile(folder / "fpga/trials.csv"), trials);
    EXPECT_THAT(readFile(folder / "fpga/sweep.json"), HasSubstr("\"memory\": \"fpga\""));
}

TEST(SweepThroughAnFpga, StoresTheTrialsOfTheFunctionalMemory) {
    for (const std::string protection : {"none", "secded"}) {
        const Simulation fpga({"--codec", protection});
        EXPECT_THAT(fpga.address(), HasSubstr("tcp://127.0.0.1:"));
        expectEqualTrials(fpga.address(), protection);
    }
}

TEST(SweepThroughAnFpga, StoresTheSameOverASerialLine) {
    const Simulation fpga({"--pty"});
    EXPECT_THAT(fpga.address(), HasSubstr("uart:///dev/pts/"));
    expectEqualTrials(fpga.address() + "?baud=3000000", "none");
}

TEST(SweepThroughAnFpga, GoesOnWithAnotherOne) {
    const TemporaryFolder folder;
    const std::string profile = profileIn(folder);
    const auto sweep = [&](const std::string& address, const std::vector<std::string>& more) {
        auto all = sweepOf(profile, "none", {"--memory", address, "--out", folder / "out"});
        all.insert(all.end(), more.begin(), more.end());
        return run(all);
    };
    const Simulation first({});
    EXPECT_EQ(sweep(first.address(), {}).status, 0);
    const std::string trials = readFile(folder / "out/trials.csv");
    const Simulation second({"--pty"});
    EXPECT_EQ(sweep(second.address(), {}).status, 0);
    EXPECT_EQ(readFile(folder / "out/trials.csv"), trials);
    // It isn't the campaign of another kind of memory.
    EXPECT_EQ(sweep("functional", {}).status, 1);
}

TEST(CosimWithAnFpga, HasNoMismatch) {
    const TemporaryFolder folder;
    const Simulation fpga({"--codec", "secded"});
    const RunResult result =
        run({"cosim", "-m", zoo("rquant"), "-p", profileIn(folder), "-v", "0.8", "--protection",
             "secded", "--memory", fpga.address(), "--words", "500", "--json", "--quiet"});
    ASSERT_EQ(result.status, 0) << result.err;
    const json report = json::parse(result.out);
    EXPECT_EQ(report["mismatches"], 0);
    ASSERT_EQ(report["rows"].size(), 2U);
    EXPECT_EQ(report["rows"][1]["memory"], "fpga");
    EXPECT_GT(report["rows"][1]["words_compared"], 10'000);
    EXPECT_GT(report["rows"][1]["words_corrected"], 0);
}

TEST(CosimWithAnFpga, FindsAnFpgaThatProtectsOtherwise) {
    // The profile's chips, but op-8 in the design where op-64 is expected: refused by name.
    const TemporaryFolder folder;
    const Simulation fpga({"--codec", "op-8"});
    const RunResult result =
        run({"cosim", "-m", zoo("rquant"), "-p", profileIn(folder), "-v", "0.8", "--protection",
             "op-64", "--memory", fpga.address(), "--quiet"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("has the codec op-8; the protection is op-64"));
}

TEST(SweepThroughAnFpga, SaysInOneLineWhatItCannotUse) {
    const TemporaryFolder folder;
    const std::string profile = profileIn(folder);
    const Simulation fpga({});
    const std::vector<std::tuple<std::string, std::string, int, std::string>> uses{
        {"tcp://127.0.0.1", "none", 2, "expected HOST:PORT"},
        {"tcp://127.0.0.1:1", "none", 1, "127.0.0.1:1: no connection"},
        {"uart://ttyUSB0", "none", 2, "expected uart:///dev/ttyUSB0"},
        {"uart:///dev/pts/0?speed=1", "none", 2, "expected uart:///dev/ttyUSB0"},
        {"uart:///dev/pts/0?baud=123", "none", 1, "no speed of 123"},
        {"uart:///dev/null", "none", 1, "/dev/null: is no serial line"},
        {"uart:///no/such", "none", 1, "/no/such: can't be opened"},
        {fpga.address(), "parity", 1, "has the codec none; the protection is parity"},
        {fpga.address(), "none,parity", 1, "not of parity as well"},
        {fpga.address(), "op-128", 1, "op-128"},
    };
    for (const auto& [address, protection, status, named] : uses) {
        const RunResult result = run(sweepOf(profile, protection, {"--memory", address}));
        EXPECT_EQ(result.status, status) << address << ": " << result.err;
        EXPECT_EQ(result.out, "") << address;
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        EXPECT_THAT(result.err, HasSubstr(named)) << address;
    }
}

TEST(FpgaSimulation, SaysInOneLineWhatIsWrong) {
    const auto status = [](const std::string& arguments) {
        const RunResult result = shell(BROWNOUT_FPGA_SIMULATION " " + arguments + " </dev/null");
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        return result.status;
    };
    EXPECT_EQ(status("--codec hamming"), 2);
    EXPECT_EQ(status("--codec secded --uart"), 2);
    EXPECT_EQ(status("--codec"), 2);
    EXPECT_EQ(status("--volume 11"), 2);
    EXPECT_EQ(status("--listen nowhere"), 2);
    EXPECT_EQ(status("--listen 192.0.2.1:1"), 1);
    EXPECT_EQ(shell(BROWNOUT_FPGA_SIMULATION " --help").status, 0);
}

}  // namespace
}  // namespace brownout::test
