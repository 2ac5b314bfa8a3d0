#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(Commands, EachHasAHelpThatTeaches) {
    EXPECT_EQ(run({"--help"}).status, 0);
    EXPECT_EQ(run({}).status, 2);
    // Every command that the program lists.
    const std::string all = run({"--help"}).out;
    std::istringstream lines(all.substr(all.find("Commands:\n") + 10));
    std::vector<std::string> commands;
    for (std::string text; std::getline(lines, text) && !text.empty();) {
        commands.push_back(text.substr(2, text.find(' ', 2) - 2));
    }
    EXPECT_THAT(commands, testing::IsSupersetOf(
                              {"sweep", "profile", "infer", "inspect", "cosim", "bist", "report"}));
    for (const std::string& command : commands) {
        const RunResult result = run({command, "--help"});
        if (result.err.find("built without the simulated hardware") != std::string::npos) continue;
        EXPECT_EQ(result.status, 0) << command;
        EXPECT_THAT(result.out, HasSubstr("Usage: brownout " + command));
        EXPECT_THAT(result.out, HasSubstr("Examples:")) << command;
        EXPECT_EQ(result.err, "");
    }
}

TEST(Commands, OptionsMayComeFromAFileAndTheCommandLineWins) {
    const TemporaryFolder folder;
    writeAtomically(folder / "sweep.conf", "model = " + zoo("rquant") +
                                               "\ndata = fashion-mnist\nber = 0.001\nchips = 2\n"
                                               "images = 30\njson = true\nquiet = true\n");
    const RunResult result = run({"sweep", "--config", folder / "sweep.conf", "--chips", "3"});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(json::parse(result.out)["points"][0]["chips"], 3);
}

TEST(Commands, GenerateInfoAndValidateGoTogether) {
    const TemporaryFolder folder;
    const std::string path = folder / "chips.h5";
    ASSERT_EQ(run({"profile", "generate", "--preset", "14nm-iid", "--chips", "3", "--seed", "9",
                   "-o", path})
                  .status,
              0);
    const RunResult info = run({"profile", "info", path, "--json"});
    ASSERT_EQ(info.status, 0) << info.err;
    EXPECT_EQ(json::parse(info.out)["chips"], 3);
    EXPECT_EQ(run({"profile", "validate", path}).status, 0);
}

TEST(Commands, ARecipeAndItsExpansionAreTheSameChips) {
    const TemporaryFolder folder;
    const std::vector<std::string> generate{"profile", "generate", "--chips", "2", "-o"};
    auto recipe = generate;
    recipe.push_back(folder / "recipe.h5");
    auto cells = generate;
    cells.insert(cells.end(), {folder / "cells.h5", "--encoding", "threshold"});
    ASSERT_EQ(run(recipe).status, 0);
    ASSERT_EQ(run(cells).status, 0);
    json points[2];
    int i = 0;
    for (const char* name : {"recipe.h5", "cells.h5"}) {
        const RunResult result =
            run({"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist", "--images", "50", "-p",
                 folder / name, "-v", "0.833,0.8", "--chips", "2", "--json", "--quiet"});
        ASSERT_EQ(result.status, 0) << result.err;
        points[i++] = json::parse(result.out)["points"];
    }
    for (json& list : points) {
        for (json& point : list) point.erase("ber_expected");  // of the recipe, or of the cells
    }
    EXPECT_EQ(points[0], points[1]);
}

TEST(Commands, InferWritesLogitsThatOthersCanRead) {
    const TemporaryFolder folder;
    const RunResult result = run({"infer", "--model", zoo("rquant"), "--data", "fashion-mnist",
                                  "--images", "40", "--out", folder / "logits.h5", "--json"});
    ASSERT_EQ(result.status, 0) << result.err;
    const json summary = json::parse(result.out);
    EXPECT_EQ(summary["images"], 40);
    EXPECT_LT(summary["error"].get<double>(), 0.3);
    EXPECT_GT(std::filesystem::file_size(folder / "logits.h5"), 40U * 10 * 4);
}

TEST(Inspect, NetworksOfAnySizeAreShownForTheSizesAskedFor) {
    const RunResult same = run({"inspect", zoo("rquant"), "--image-shape", "1,28,28", "--json"});
    EXPECT_EQ(same.out, run({"inspect", zoo("rquant"), "--json"}).out);
    const RunResult other = run({"inspect", zoo("rquant"), "--image-shape", "3,28,28"});
    EXPECT_EQ(other.status, 2);
    EXPECT_THAT(other.err, testing::HasSubstr("takes images of the shape [1, 28, 28]"));
    const std::string free = source("../shared/cases/free_height_width.onnx");
    if (!std::filesystem::exists(free)) GTEST_SKIP() << free << " isn't here";
    const RunResult unknown = run({"inspect", free});
    EXPECT_EQ(unknown.status, 2);
    EXPECT_THAT(unknown.err, testing::HasSubstr("takes images of the shape [3, ?, ?]"));
    const RunResult known = run({"inspect", free, "--image-shape", "3,32,16", "--json"});
    EXPECT_EQ(known.status, 0) << known.err;
    EXPECT_EQ(nlohmann::json::parse(known.out)["input"], (std::vector<int>{3, 32, 16}));
}

TEST(Commands, InspectCountsWeightsBitsAndAccesses) {
    const RunResult result = run({"inspect", zoo("rquant"), "--json"});
    ASSERT_EQ(result.status, 0) << result.err;
    const json network = json::parse(result.out);
    EXPECT_GT(network["parameters"].get<int>(), 1000);
    EXPECT_GT(network["layers"].size(), 4U);
    EXPECT_EQ(network["stored"]["bits_per_code"], 8);
}

// How large times are depends on the machine and on who else uses it; what they add up to doesn't.
TEST(Inspect, TimesOfLayersAddUpToThatOfTheNetwork) {
    const RunResult result = run({"inspect", zoo("rquant"), "--time", "--json"});
    ASSERT_EQ(result.status, 0) << result.err;
    const json network = json::parse(result.out);
    const json& time = network["time"];
    const double whole = time["ms_per_block"];
    EXPECT_GT(whole, 0);
    EXPECT_NEAR(time["images_per_second"].get<double>() * whole / 1e3, time["images_per_block"],
                1e-9);
    double layers = time["other_ms_per_block"];
    double shares = layers / whole;
    for (const json& layer : network["layers"]) {
        layers += layer["ms_per_block"].get<double>();
        shares += layer["time_share"].get<double>();
        const double macs = layer["macs"];
        EXPECT_EQ(layer["gflops"].is_null(), macs == 0) << layer;
        if (macs == 0) continue;
        const double ms = layer["ms_per_block"];
        EXPECT_GT(ms, 0) << layer;
        EXPECT_NEAR(layer["gflops"], 2e-6 * macs * time["images_per_block"].get<double>() / ms,
                    1e-9 * layer["gflops"].get<double>());
        EXPECT_NEAR(layer["peak_share"],
                    layer["gflops"].get<double>() / time["peak_gflops"].get<double>(), 1e-9);
    }
    EXPECT_NEAR(layers, whole, 1e-9 * whole);
    EXPECT_NEAR(shares, 1, 1e-9);
    EXPECT_GT(time["peak_gflops"], 0.1);

    const RunResult table = run({"inspect", zoo("rquant"), "--time"});
    EXPECT_THAT(table.out, HasSubstr("GFLOP/s"));
    EXPECT_FALSE(json::parse(run({"inspect", zoo("rquant"), "--json"}).out).contains("time"));
}

TEST(Commands, InspectSizesTheMemoryForEachCodec) {
    const RunResult result = run({"inspect", zoo("rquant"), "--json"});
    ASSERT_EQ(result.status, 0) << result.err;
    const json network = json::parse(result.out);
    const std::uint64_t words = network["stored"]["words"];
    const std::uint64_t arrays = (words + 511) / 512;
    EXPECT_EQ(network["memory"]["profile"], nullptr);
    EXPECT_EQ(network["memory"]["arrays"], arrays);
    ASSERT_EQ(network["protection"].size(), 18U);
    for (const json& row : network["protection"]) {
        const std::string name = row["protection"];
        // Those need two's complement, which the codes of rquant8 are not in.
        const bool signedOnly = name == "in-place-ecc" || name.rfind("bit-masking", 0) == 0;
        EXPECT_EQ(row.contains("problem"), signedOnly) << name;
        if (signedOnly) continue;
        const std::uint64_t bits = row["check_bits"];
        EXPECT_EQ(row["codec"], name);
        const bool single = name == "parity" || name == "parity-128";
        const bool hidden = name == "none" || name.rfind("op-", 0) == 0;
        EXPECT_EQ(bits, hidden ? 0U : single ? 1U : 8U);
        const bool half = name.find("-128") != std::string::npos;
        const bool whole = name.find("-256") != std::string::npos;
        EXPECT_EQ(row["block_words"], whole ? 4U : half ? 2U : 1U);
        const std::uint64_t served = 64 * row["block_words"].get<std::uint64_t>();
        EXPECT_EQ(row["data_arrays"], arrays);
        EXPECT_EQ(row["check_arrays"], (arrays * bits + served - 1) / served);
        EXPECT_DOUBLE_EQ(row["filled"],
                         static_cast<double>(words) / static_cast<double>(arrays * 512));
    }
}

TEST(Commands, InspectLaysTheNetworkOutInTheChipsOfAProfile) {
    const TemporaryFolder folder;
    ASSERT_EQ(
        run({"profile", "generate", "--arrays", "1", "--columns", "20", "-o", folder / "small.h5"})
            .status,
        0);
    const RunResult result =
        run({"inspect", zoo("rquant"), "--profile", folder / "small.h5", "--json"});
    ASSERT_EQ(result.status, 0) << result.err;
    const json network = json::parse(result.out);
    EXPECT_EQ(network["stored"]["word_bits"], 20);
    const std::uint64_t words = network["stored"]["words"];
    EXPECT_EQ(words, (network["stored"]["codes"].get<std::uint64_t>() + 1) / 2);
    EXPECT_EQ(network["memory"]["arrays"], 1);
    EXPECT_DOUBLE_EQ(network["protection"][0]["filled"], static_cast<double>(words) / 512);
    // One array, and words that aren't whole bytes.
    for (const int row : {1, 2, 3}) {
        EXPECT_NE(network["protection"][row]["problem"], "") << row;
        EXPECT_FALSE(network["protection"][row].contains("filled"));
    }
    const RunResult table = run({"inspect", zoo("rquant"), "--profile", folder / "small.h5"});
    EXPECT_THAT(table.out, HasSubstr("cells are used again"));
    EXPECT_THAT(table.out, HasSubstr("can't be: check bits: live in arrays of their own"));
}

TEST(Commands, ReportDrawsAPageFromAFolderOfResults) {
    const TemporaryFolder folder;
    ASSERT_EQ(run({"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist", "--images", "20", "-p",
                   source("profiles/14nm.h5"), "-v", "1,0.875,0.833", "--chips", "2", "--out",
                   folder.path().string(), "--no-report", "--quiet"})
                  .status,
              0);
    EXPECT_FALSE(std::filesystem::exists(folder / "report.html"));
    const RunResult result = run({"report", folder.path().string()});
    ASSERT_EQ(result.status, 0) << result.err;
    const std::string page = readFile(folder / "report.html");
    EXPECT_NE(page.find("</html>"), std::string::npos);
    EXPECT_NE(page.find("<svg"), std::string::npos);
}

}  // namespace
}  // namespace brownout::test
