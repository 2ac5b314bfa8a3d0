#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::vector<std::string> cosim(const std::vector<std::string>& more) {
    std::vector<std::string> all{"cosim",  "-m", zoo("rquant"), "-p", source("profiles/14nm.h5"),
                                 "--quiet"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

TEST(Cosim, FindsNoMismatchForAnyCodec) {
    for (const char* codec :
         {"none", "parity", "parity-byte", "secded", "op-weight", "op-64", "in-place-ecc"}) {
        // In-place ECC wants two's complement.
        const RunResult result = run(cosim({"-v", "1,0.875,0.833", "--format", "int8", "--codec",
                                            codec, "--words", "20000", "--json"}));
        ASSERT_EQ(result.status, 0) << result.err << result.out;
        const json report = json::parse(result.out);
        EXPECT_EQ(report["mismatches"], 0);
        ASSERT_EQ(report["rows"].size(), 9U);
        std::string memories;
        for (const json& row : report["rows"]) {
            memories += row["memory"].get<std::string>() + " ";
            // The network's 20,000 words or so, the corner cases and the random ones.
            EXPECT_GT(row["words_compared"], 100'000);
            EXPECT_GT(row["energy"]["dynamic_j"], 0);
            const bool corrects =
                codec == std::string("secded") || codec == std::string("in-place-ecc");
            if (corrects && row["label"] == "0.833") {
                EXPECT_GT(row["words_corrected"], 1000);
                EXPECT_GT(row["words_detected"], 1000);
            }
            EXPECT_EQ(row["cycles"].is_number(), row["memory"] == "rtl");
        }
        EXPECT_EQ(memories,
                  "functional systemc rtl functional systemc rtl functional systemc rtl ");
    }
}

TEST(Cosim, GivesTheSameBytesForTheSameSeed) {
    const auto once = [](const char* seed) {
        return run(cosim({"-v", "0.833", "--codec", "secded", "--words", "5000", "--seed", seed}))
            .out;
    };
    const std::string first = once("4");
    EXPECT_EQ(first, once("4"));
    EXPECT_NE(first, once("5"));
}

TEST(Cosim, AllMemoriesSpendTheSameEnergyOnTheSameAccesses) {
    const json report = json::parse(
        run(cosim({"-v", "0.875", "--codec", "parity", "--words", "5000", "--json"})).out);
    const double functional = report["rows"][0]["energy"]["dynamic_j"];
    for (const json& row : report["rows"]) {
        EXPECT_NEAR(row["energy"]["dynamic_j"], functional, 1e-9 * functional) << row["memory"];
    }
}

TEST(Cosim, RecordsWavesAsFst) {
    const TemporaryFolder folder;
    const RunResult result = run(cosim({"-v", "0.875", "--words", "1000", "--waves",
                                        folder / "rtl.fst", "--wave-cycles", "3000"}));
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_GT(std::filesystem::file_size(folder / "rtl.fst"), 1000U);
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        ++files;
    }
    EXPECT_EQ(files, 1U);
}

/// Our RTL with one line changed, in a folder of its own.
class MutatedRtl {
 public:
    MutatedRtl(const std::string& file, const std::string& from, const std::string& to) {
        for (const auto& entry : std::filesystem::directory_iterator(source("rtl"))) {
            if (entry.path().extension() != ".sv") continue;
            std::string text = readFile(entry.path());
            if (entry.path().filename() == file) {
                const auto at = text.find(from);
                EXPECT_NE(at, std::string::npos) << file << ": " << from;
                if (at != std::string::npos) text.replace(at, from.size(), to);
            }
            writeAtomically(folder_ / entry.path().filename().string(), text);
        }
    }

    RunResult cosimOf(const std::string& codec) const {
        return run(cosim({"-v", "0.833", "--words", "2000", "--codec",
                          codec == "0" ? "none" : "secded", "--rtl-dir", folder_.path().string(),
                          "--rtl-top", "weight_buffer", "--rtl-param", "Codec=" + codec}));
    }

 private:
    TemporaryFolder folder_;
};

void expectFound(const RunResult& result) {
    EXPECT_EQ(result.status, 3) << result.err << result.out;
    // Either words differ, and are shown bit by bit, or a contract of the RTL's own was broken.
    if (result.err.empty()) {
        EXPECT_THAT(result.out, HasSubstr("  expected "));
        EXPECT_THAT(result.out, HasSubstr("  got      "));
        EXPECT_THAT(result.out, HasSubstr("  differs  "));
    } else {
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    }
}

TEST(CosimMutation, OurRtlUnchangedHasNoMismatch) {
    const RunResult result = MutatedRtl("", "", "").cosimOf("3");
    EXPECT_EQ(result.status, 0) << result.err << result.out;
}

TEST(CosimMutation, FindsOneBitOfTheDecoderTable) {
    // Column 62: an error there is no longer corrected.
    expectFound(MutatedRtl("secded_pkg.sv", "8'h8f, 8'hc7", "8'h8f, 8'hc6").cosimOf("3"));
}

TEST(CosimMutation, FindsOneBitOfTheEncoderTable) {
    expectFound(
        MutatedRtl("secded_pkg.sv", "64'hf8fffff800000000", "64'hf8fffff800000001").cosimOf("3"));
}

TEST(CosimMutation, FindsOneBitOfTheOverlay) {
    expectFound(MutatedRtl("fault_overlay.sv", "^ toggle_bits;", "^ (toggle_bits & ~Width'(1));")
                    .cosimOf("0"));
}

TEST(CosimMutation, FindsOneBitOfTheAddressMap) {
    expectFound(MutatedRtl("weight_buffer_core.sv", "= addr[RowWidth-1:0];",
                           "= {addr[RowWidth-1:1], 1'b0};")
                    .cosimOf("0"));
}

TEST(Cosim, TakesTheUsersOwnBufferOfTheExample) {
    const RunResult result =
        run(cosim({"-v", "0.833", "--words", "5000", "--rtl-dir", source("sim/examples/my_buffer"),
                   "--rtl-top", "my_buffer"}));
    EXPECT_EQ(result.status, 0) << result.err << result.out;
    EXPECT_THAT(result.out, HasSubstr("RTL my_buffer"));
    EXPECT_THAT(result.out, HasSubstr("\n0 mismatches\n"));
}

TEST(Cosim, AnAssertionOfAUsersBufferIsOneLineAndExitStatus3) {
    const TemporaryFolder folder;
    std::string text = readFile(source("sim/examples/my_buffer/my_buffer.sv"));
    const auto end = text.rfind("endmodule");
    text.insert(end,
                "  always_ff @(posedge clk_i) assert (!(req_valid_i && req_addr_i == 100))\n"
                "    else $error(\"address 100 is taken\");\n");
    writeAtomically(folder / "my_buffer.sv", text);
    const RunResult result = run(cosim({"-v", "0.833", "--words", "5000", "--rtl-dir",
                                        folder.path().string(), "--rtl-top", "my_buffer"}));
    EXPECT_EQ(result.status, 3);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr("address 100 is taken"));
}

/// A wrong use and what its one line must name.
struct WrongUse {
    std::vector<std::string> arguments;
    int status;
    std::string named;
};

TEST(Cosim, SaysWhatIsWrongInOneLine) {
    const TemporaryFolder folder;
    std::string noStatus = readFile(source("sim/examples/my_buffer/my_buffer.sv"));
    const std::string port = "  output logic [1:0]           rsp_status_o,\n";
    ASSERT_NE(noStatus.find(port), std::string::npos);
    noStatus.erase(noStatus.find(port), port.size());
    const auto use = noStatus.find("  assign rsp_status_o");
    noStatus.erase(use, noStatus.find('\n', use) + 1 - use);
    std::filesystem::create_directory(folder.path() / "rtl");
    std::filesystem::create_directory(folder.path() / "empty");
    writeAtomically(folder / "rtl/my_buffer.sv", noStatus);

    const std::vector<std::string> mine{"--rtl-top", "my_buffer", "--rtl-dir"};
    const auto with = [&](const std::string& dir) {
        auto arguments = mine;
        arguments.push_back(dir);
        return arguments;
    };
    const std::vector<WrongUse> uses{
        {{"--codec", "hamming"}, 2, "'hamming'"},
        {{"--words", "0"}, 2, "--words"},
        {{"--chip", "64"}, 2, "chips 0 to 63"},
        {{"--voltages", "0.5"}, 1, "14nm.h5"},
        {{"--slew", "0"}, 2, "--slew"},
        {{"--waves", folder / "no/such/rtl.fst"}, 1, "no/such/rtl.fst"},
        {{"--waves", folder / "rtl.vcd"}, 2, "FST"},
        {{"--rtl-top", "my_buffer"}, 2, "--rtl-dir and --rtl-top"},
        {with(folder / "missing"), 1, "missing"},
        {with(folder / "empty"), 1, "no .sv or .v file"},
        {with(folder / "rtl"), 1, "my_buffer has no port rsp_status_o"},
    };
    for (const WrongUse& wrong : uses) {
        auto arguments = cosim({"-v", "0.875", "--words", "1000"});
        // Options given twice would be the mistake instead.
        if (wrong.arguments[0] == "--voltages") arguments.resize(arguments.size() - 4);
        if (wrong.arguments[0] == "--words") arguments.resize(arguments.size() - 2);
        arguments.insert(arguments.end(), wrong.arguments.begin(), wrong.arguments.end());
        const RunResult result = run(arguments);
        EXPECT_EQ(result.status, wrong.status) << wrong.named << ": " << result.err;
        EXPECT_EQ(result.out, "") << wrong.named;
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        EXPECT_THAT(result.err, HasSubstr(wrong.named));
    }
}

TEST(Cosim, SaysInOneLineWhatDoesNotFitTheBuffer) {
    const TemporaryFolder folder;
    const std::vector<std::pair<std::vector<std::string>, std::string>> shapes{
        {{"--arrays", "33"}, "at most 32 data arrays"},
        {{"--rows", "1024"}, "at most 512 words an array"},
        {{"--columns", "32"}, "words of 64 bits"},
        {{"--columns", "128", "--mux", "2"}, "at most 512 words an array"}};
    for (const auto& [shape, named] : shapes) {
        std::vector<std::string> generate{"profile", "generate", "--chips",
                                          "1",       "-o",       folder / "p.h5"};
        generate.insert(generate.end(), shape.begin(), shape.end());
        ASSERT_EQ(run(generate).status, 0);
        const RunResult result =
            run({"cosim", "-m", zoo("rquant"), "-p", folder / "p.h5", "-v", "0.875", "--quiet"});
        EXPECT_EQ(result.status, 1);
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        EXPECT_THAT(result.err, HasSubstr(named));
        EXPECT_THAT(result.err, HasSubstr("p.h5"));
    }
}

TEST(Cosim, SaysInOneLineThatAToolIsMissing) {
    const RunResult result =
        run(cosim({"-v", "0.875", "--rtl-dir", source("sim/examples/my_buffer"), "--rtl-top",
                   "my_buffer"}),
            ".", {"PATH=/nonexistent"});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr("verilator"));
    EXPECT_THAT(result.err, HasSubstr("not installed"));
}

}  // namespace
}  // namespace brownout::test
