#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

// profile import and export as their users run them.

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// The blocks that begin with ```sh.
std::vector<std::string> shellBlocks(const std::string& text) {
    std::vector<std::string> blocks;
    const std::string begin = "```sh\n";
    for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
        at += begin.size();
        blocks.push_back(text.substr(at, text.find("```", at) - at));
    }
    return blocks;
}

TEST(ImportDocument, EveryBlockRunsAsItStands) {
    const auto blocks = shellBlocks(readFile(source("profiles/IMPORT.md")));
    ASSERT_GE(blocks.size(), 6U);
    const std::string bin = std::filesystem::path(BROWNOUT_PROGRAM).parent_path().string();
    for (const std::string& block : blocks) {
        const TemporaryFolder folder;
        writeAtomically(folder / "block", "set -euo pipefail\n" + block);
        const std::string command =
            "cd " + folder.path().string() + " && PATH=" + bin + ":$PATH bash block > out 2> err";
        EXPECT_EQ(std::system(command.c_str()), 0) << block << readFile(folder / "err");
        for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
            if (entry.path().extension() != ".h5") continue;
            EXPECT_EQ(run({"profile", "validate", entry.path().string()}).status, 0) << block;
        }
    }
}

TEST(Import, TellsWhatItFoundAsJson) {
    const TemporaryFolder folder;
    writeAtomically(folder / "ram-0.58V.hex", std::string(4 * 1024 - 1, 'F') + "E");
    const RunResult result = run({"profile", "import", "-f", "hex-dump", "-o", folder / "chip.h5",
                                  folder / "ram-0.58V.hex", "--json"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err, "");
    const json told = json::parse(result.out);
    EXPECT_EQ(told["failing_reads"]["10"], 1);
    EXPECT_EQ(told["arrays"], 1);
    EXPECT_EQ(told["measurements"], 1);
    const json info = json::parse(run({"profile", "info", folder / "chip.h5", "--json"}).out);
    EXPECT_EQ(info["provenance"], "measured");
    EXPECT_EQ(info["device"]["voltage_unit"], "V");
    EXPECT_THAT(info["history"][0].get<std::string>(), HasSubstr("ram-0.58V.hex"));
}

TEST(Import, VoltagesCanBeGivenInBothWays) {
    const TemporaryFolder folder;
    writeAtomically(folder / "a", std::string(4096, 'F'));
    writeAtomically(folder / "b", std::string(4096, 'F'));
    const RunResult result =
        run({"profile", "import", "-f", "hex-dump", "-o", folder / "chip.h5", "--voltage",
             folder / "a=0.55V", "560mV:" + (folder / "b"), folder / "a"});
    EXPECT_EQ(result.status, 0) << result.err;
    const json info = json::parse(run({"profile", "info", folder / "chip.h5", "--json"}).out);
    ASSERT_EQ(info["voltages"].size(), 2U);
}

struct WrongImport {
    const char* name;
    std::vector<std::string> arguments;  ///< $ is the test's folder
    int status;
    const char* named;
};

void PrintTo(const WrongImport& use, std::ostream* out) { *out << use.name; }

class WrongImports : public testing::TestWithParam<WrongImport> {};

TEST_P(WrongImports, AreOneLineAndLeaveNothing) {
    const TemporaryFolder folder;
    writeAtomically(folder / "good-0.58V.hex", std::string(4096, 'F'));
    writeAtomically(folder / "same-580mV.hex", std::string(4096, 'F'));
    writeAtomically(folder / "odd-0.57V.hex", std::string(4095, 'F'));
    writeAtomically(folder / "short-0.57V.hex", std::string(4092, 'F'));
    writeAtomically(folder / "empty-0.57V.hex", "");
    writeAtomically(folder / "nameless.hex", std::string(4096, 'F'));
    writeAtomically(folder / "garbage-0.5V", std::string("\x7F"
                                                         "ELF\0\1\2\xFF\n\0",
                                                         10));
    writeAtomically(folder / "log-0.5V.csv", "row,bit,fails\n1,2,5\n");
    writeAtomically(folder / "bad.yaml", "rows: [1\n");
    writeAtomically(folder / "collision.yaml", "bit_order: [0, 0]\nword_bits: 2\n");
    std::filesystem::create_directory(folder / "folder-0.5V");
    std::size_t before = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        ++before;
    }
    std::vector<std::string> arguments = folder.expand(GetParam().arguments);
    arguments.insert(arguments.begin(), "profile");
    const RunResult result = run(arguments);
    EXPECT_EQ(result.status, GetParam().status) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(GetParam().named));
    EXPECT_EQ(result.err.rfind("brownout: ", 0), 0U) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    std::size_t after = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        ++after;
    }
    EXPECT_EQ(after, before);
}

std::vector<std::string> import(const std::string& format, std::vector<std::string> more) {
    std::vector<std::string> all{"import", "--quiet", "-f", format, "-o", "$/out.h5"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

INSTANTIATE_TEST_SUITE_P(
    Uses, WrongImports,
    testing::Values(
        WrongImport{"NoFormat", {"import", "-o", "$/out.h5", "$/good-0.58V.hex"}, 2, "--format"},
        WrongImport{"NoOut", {"import", "-f", "csv", "$/good-0.58V.hex"}, 2, "--out"},
        WrongImport{"NoFiles", import("hex-dump", {}), 2, "--file"},
        WrongImport{"UnknownFormat", import("tape", {"$/good-0.58V.hex"}), 2, "hex-dump, csv"},
        WrongImport{"IntoNowhere",
                    {"import", "-f", "hex-dump", "-o", "$/none/out.h5", "$/good-0.58V.hex"},
                    1,
                    "none/out.h5"},
        WrongImport{"MissingFile", import("hex-dump", {"$/none-0.5V"}), 1, "none-0.5V"},
        WrongImport{"Folder", import("hex-dump", {"$/folder-0.5V"}), 1, "is a folder"},
        WrongImport{"OddDigit", import("hex-dump", {"$/odd-0.57V.hex"}), 1, "byte 4095"},
        WrongImport{"ShortFile", import("hex-dump", {"$/short-0.57V.hex"}), 1,
                    "ends after 1023 words"},
        WrongImport{"EmptyFile", import("hex-dump", {"$/empty-0.57V.hex"}), 1, "is empty"},
        WrongImport{"Garbage", import("hex-dump", {"$/garbage-0.5V"}), 1, "garbage-0.5V: byte 0"},
        WrongImport{"GarbageAsLog",
                    import("csv", {"--rows", "4", "--columns", "4", "$/garbage-0.5V"}), 1,
                    "garbage-0.5V:1"},
        WrongImport{"GarbageAsArray", import("npy", {"$/garbage-0.5V"}), 1, "NumPy"},
        WrongImport{"GarbageAsBitmap",
                    import("bitmap01", {"--direction", "01", "--rows", "4", "--columns", "4",
                                        "$/garbage-0.5V"}),
                    1, "garbage-0.5V:1"},
        WrongImport{"GarbageAsBist",
                    import("arm-mbist", {"--rows", "4", "--reads", "1", "$/garbage-0.5V"}), 1,
                    "garbage-0.5V:1"},
        WrongImport{"TwoFilesOfOneVoltage",
                    import("hex-dump", {"$/good-0.58V.hex", "$/same-580mV.hex"}), 1,
                    "same-580mV.hex: a second file of 0.58 V"},
        WrongImport{"NoVoltage", import("hex-dump", {"$/nameless.hex"}), 1, "--voltage FILE=0.58V"},
        WrongImport{"VoltageOfAnotherFile",
                    import("hex-dump", {"--voltage", "x=0.5V", "$/good-0.58V.hex"}), 2, "'x'"},
        WrongImport{"BadVoltage",
                    import("hex-dump", {"--voltage", "$/nameless.hex=low", "$/nameless.hex"}), 2,
                    "'low'"},
        WrongImport{"OtherGeometry", import("hex-dump", {"--arrays", "2", "$/good-0.58V.hex"}), 1,
                    "expected 2"},
        WrongImport{"WordsThatDontFit", import("hex-dump", {"--rows", "100", "$/good-0.58V.hex"}),
                    1, "1024 words a block don't fill"},
        WrongImport{"BadYaml",
                    import("hex-dump", {"--descramble", "$/bad.yaml", "$/good-0.58V.hex"}), 1,
                    "bad.yaml:"},
        WrongImport{"NoBijection",
                    import("csv", {"--descramble", "$/collision.yaml", "--rows", "4", "--mux", "2",
                                   "--reads", "1", "$/log-0.5V.csv"}),
                    1, "collision.yaml: is not one to one: bit_order has 0 for 0 and for 1"},
        WrongImport{"MissingMap",
                    import("hex-dump", {"--descramble", "$/none.yaml", "$/good-0.58V.hex"}), 1,
                    "none.yaml"},
        WrongImport{"MapIsAFolder",
                    import("hex-dump", {"--descramble", "$/folder-0.5V", "$/good-0.58V.hex"}), 1,
                    "is a folder"},
        WrongImport{
            "FailsAboveReads",
            import("csv", {"--rows", "4", "--columns", "4", "--reads", "4", "$/log-0.5V.csv"}), 1,
            "log-0.5V.csv:2: 5 fails of 4 reads"},
        WrongImport{"MissingColumn",
                    import("csv", {"--rows", "4", "--columns", "4", "--reads", "9", "--columns",
                                   "chip=die", "$/log-0.5V.csv"}),
                    1, "has no column 'die'"},
        WrongImport{"BadColumns", import("csv", {"--columns", "chip=", "$/log-0.5V.csv"}), 2,
                    "--columns"},
        WrongImport{"BadDelimiter", import("csv", {"--delimiter", "ab", "$/log-0.5V.csv"}), 2,
                    "--delimiter"},
        WrongImport{"CommaAsDecimalAndDelimiter",
                    import("csv", {"--decimal", ",", "--delimiter", ",", "$/log-0.5V.csv"}), 2,
                    "--decimal: ',' separates the columns as well; expected another --delimiter"},
        WrongImport{"BadDecimal", import("csv", {"--decimal", ";", "$/log-0.5V.csv"}), 2,
                    "--decimal: ';'; expected . or ,"},
        WrongImport{"BadAddressBase", import("csv", {"--address-base", "8", "$/log-0.5V.csv"}), 2,
                    "--address-base: 8; expected 10 or 16"},
        WrongImport{"BareMillivolts",
                    import("hex-dump", {"--voltage", "$/nameless.hex=580", "$/nameless.hex"}), 2,
                    "--voltage: 580 volts? write 580mV or 0.58V"},
        WrongImport{"BadBackground",
                    import("hex-dump", {"--background", "red", "$/good-0.58V.hex"}), 2,
                    "--background"},
        WrongImport{"BadTemperature",
                    import("hex-dump", {"--temperature", "-300", "$/good-0.58V.hex"}), 2,
                    "--temperature"},
        WrongImport{"ExportOfNoCounts",
                    {"export", "-f", "csv", "-o", "$/out.csv", "%/profiles/14nm.h5"},
                    1,
                    "has no counts"},
        WrongImport{"ExportAsNpy",
                    {"export", "-f", "npy", "-o", "$/out", "%/profiles/14nm.h5"},
                    2,
                    "can only be imported"}),
    [](const auto& use) { return std::string(use.param.name); });

// The program waits for more of a pipe, as for a slow disk.
TEST(InterruptedImport, LeavesNothing) {
    for (const int signal : {SIGINT, SIGTERM}) {
        const TemporaryFolder folder;
        const std::string pipe = folder / "ram-0.58V.hex";
        ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
        const pid_t child =
            start({"profile", "import", "-f", "hex-dump", "-o", folder / "chip.h5", pipe});
        const int writer = ::open(pipe.c_str(), O_WRONLY);
        ASSERT_GE(writer, 0);
        const std::string some(4096, 'F');
        ASSERT_EQ(::write(writer, some.data(), some.size()), 4096);
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        ASSERT_EQ(::kill(child, signal), 0);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ::close(writer);
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << status;
        EXPECT_FALSE(std::filesystem::exists(folder / "chip.h5"));
        std::filesystem::remove(pipe);
        EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    }
}

TEST(KilledImport, LeavesTheOldProfileOrTheNewOne) {
    const TemporaryFolder folder;
    writeAtomically(folder / "ram-0.58V.hex", std::string(std::size_t{4096} * 256, 'F'));
    const std::vector<std::string> arguments{
        "profile", "import", "-f", "hex-dump", "-o", folder / "chip.h5", folder / "ram-0.58V.hex"};
    for (const int delayMs : {1, 5, 10, 20, 40, 80}) {
        const pid_t child = start(arguments);
        std::this_thread::sleep_for(std::chrono::milliseconds(delayMs));
        ::kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        if (std::filesystem::exists(folder / "chip.h5")) {
            EXPECT_EQ(run({"profile", "validate", folder / "chip.h5"}).status, 0);
        }
    }
}

/// Runs the program and gives the most memory it had, in MB.
double peakMegabytes(const std::vector<std::string>& arguments) {
    const pid_t child = start(arguments);
    int status = 0;
    struct rusage usage {};
    EXPECT_EQ(::wait4(child, &status, 0, &usage), child);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

TEST(ImportMemory, DoesntGrowWithTheDumpOrItsFaults) {
    if (kSanitized) GTEST_SKIP() << "the sanitizers take memory of their own";
    const TemporaryFolder folder;
    // 64 Mbit without a fault, and 16 Mbit where every cell fails: 17 million faults of 12 bytes.
    {
        std::ofstream good(folder / "good-0.58V.hex"), bad(folder / "bad-0.58V.hex");
        const std::string f(std::size_t{1} << 20, 'F'), zeros(std::size_t{1} << 20, '0');
        for (int i = 0; i < 16; ++i) good << f;
        for (int i = 0; i < 4; ++i) bad << zeros;
    }
    const auto import = [&](const std::string& name) {
        return std::vector<std::string>{"profile",
                                        "import",
                                        "-f",
                                        "hex-dump",
                                        "-o",
                                        folder / (name + ".h5"),
                                        folder / (name + "-0.58V.hex")};
    };
    EXPECT_LT(peakMegabytes(import("good")), 150);
    EXPECT_LT(peakMegabytes(import("bad")), 150);
    const json info = json::parse(run({"profile", "info", folder / "bad.h5", "--json"}).out);
    EXPECT_EQ(info["voltages"][0]["failing_cells"]["mean"], 1 << 24);
}

}  // namespace
}  // namespace brownout::test
