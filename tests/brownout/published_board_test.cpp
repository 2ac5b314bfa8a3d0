#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/brownout/program.h"

// The published dumps of undervolted block RAMs (tests/import/real_dumps_test.cpp) through the
// program: imported, fitted, and chips of the fit against the board. Skipped where
// BROWNOUT_FPGA_DUMPS doesn't name a folder with them.

namespace brownout::test {
namespace {

using nlohmann::json;

std::vector<std::string> dumpsOf(const std::string& board) {
    std::vector<std::string> paths;
    const char* root = std::getenv("BROWNOUT_FPGA_DUMPS");
    if (root == nullptr) return paths;
    const std::filesystem::path folder = std::filesystem::path(root) / board;
    if (!std::filesystem::is_directory(folder)) return paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".bin") paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

class PublishedBoard : public testing::TestWithParam<const char*> {};

// The figures of profiles/README.md.
TEST_P(PublishedBoard, IsNotToldFromChipsOfItsFit) {
    const std::string mux = GetParam();
    const std::vector<std::string> dumps = dumpsOf("KC705-B");
    if (dumps.empty()) GTEST_SKIP() << "BROWNOUT_FPGA_DUMPS names no folder with KC705-B/*.bin";
    const TemporaryFolder folder;
    std::vector<std::string> import{
        "profile", "import",      "--format", "hex-dump", "--dedup-bytes",     "--mux",
        mux,       "--direction", "10",       "-o",       folder / "board.h5", "--quiet"};
    import.insert(import.end(), dumps.begin(), dumps.end());
    ASSERT_EQ(run(import).status, 0);
    const RunResult fit =
        run({"profile", "fit", folder / "board.h5", "-o", folder / "fit.h5", "--json", "--quiet"});
    ASSERT_EQ(fit.status, 0) << fit.err;
    const json figures = json::parse(fit.out)["fit"];
    EXPECT_NEAR(figures["share_array"]["value"], 0.05, 0.02);
    EXPECT_NEAR(figures["share_column"]["value"], mux == "1" ? 0.44 : 0.53, 0.01);
    const RunResult compared =
        run({"profile", "compare", folder / "board.h5", folder / "fit.h5", "--quiet"});
    EXPECT_EQ(compared.status, 0) << compared.out;
}

INSTANTIATE_TEST_SUITE_P(Mux, PublishedBoard, testing::Values("1", "2"));

}  // namespace
}  // namespace brownout::test
