#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/brownout/program.h"
#include "tests/published_dumps.h"

// The published dumps of undervolted block RAMs through the program: imported, fitted, and chips of
// the fit against the board.

namespace brownout::test {
namespace {

using nlohmann::json;

class PublishedBoard : public testing::TestWithParam<const char*> {};

// The figures of profiles/README.md.
TEST_P(PublishedBoard, IsNotToldFromChipsOfItsFit) {
    const std::string mux = GetParam();
    const std::vector<std::string> dumps = publishedDumps("KC705-B");
    if (dumps.empty()) GTEST_SKIP() << missingDumps("KC705-B");
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
    if (mux == "2") {
        const RunResult info = run({"profile", "info", folder / "fit.h5", "--json", "--quiet"});
        const json lowest = json::parse(info.out)["voltages"][0];
        EXPECT_EQ(lowest["voltage"], 0.53);
        EXPECT_NEAR(lowest["clean_arrays_share"], 0.73, 0.005);
        EXPECT_NEAR(lowest["worst_tenth_of_arrays_share"], 0.81, 0.005);
    }
    const RunResult compared =
        run({"profile", "compare", folder / "board.h5", folder / "fit.h5", "--quiet"});
    EXPECT_EQ(compared.status, 0) << compared.out;
}

INSTANTIATE_TEST_SUITE_P(Mux, PublishedBoard, testing::Values("1", "2"));

}  // namespace
}  // namespace brownout::test
