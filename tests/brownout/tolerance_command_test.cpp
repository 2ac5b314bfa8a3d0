#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

TEST(ToleranceCommand, PrintsMetricsBesideWhatWasMeasured) {
    const TemporaryFolder folder;
    const RunResult result =
        run({"tolerance", zoo("bnn-plain"), zoo("bnn-flips05"), "-d", "fashion-mnist", "--images",
             "200", "--margin-images", "60", "--ber", "0.01,0.1,0.2", "--chips", "3", "--json",
             "--quiet", "--out", folder / "out"});
    ASSERT_EQ(result.status, 0) << result.err;
    const json all = json::parse(result.out);
    ASSERT_EQ(all["networks"].size(), 2U);
    for (const json& network : all["networks"]) {
        double variances = 0;
        for (int layer = 0; layer < 3; ++layer) {
            variances += network["layers"][layer]["importance_variance"].get<double>() / 3;
        }
        EXPECT_GT(variances, 0);
        EXPECT_NEAR(network["inter_neuron_metric"].get<double>(), variances, 1e-12);
        ASSERT_EQ(network["layers"].size(), 4U);
        // The first layer's operands are bytes, the last one's sums are the scores.
        EXPECT_FALSE(network["layers"][0].contains("certain_flips"));
        EXPECT_GT(network["layers"][2]["certain_flips"], 1.0);
        EXPECT_EQ(network["layers"][2]["importances"].size(), 1024U);
        EXPECT_FALSE(network["layers"][3].contains("importances"));
        EXPECT_GT(network["predicted_ber"], 0.0);
        EXPECT_GT(network["measured"]["ber"], 0.0);
    }
    EXPECT_EQ(json::parse(readFile(folder / "out/tolerance.json")), all);
    EXPECT_THAT(readFile(folder / "out/tolerance.csv"),
                HasSubstr("fashion-bnn-plain,layer2,24,216"));
    const std::string page = readFile(folder / "out/tolerance.html");
    EXPECT_THAT(page, HasSubstr("layer3: importance"));
    EXPECT_THAT(page, HasSubstr("<svg"));
}

TEST(ToleranceCommand, ShowsHowFarTheMeasurementIsAndGoesOnWithWhatIsThere) {
    const TemporaryFolder folder;
    std::vector<std::string> arguments = {
        "tolerance",   zoo("bnn-plain"), "-d", "fashion-mnist",   "--images",        "100", "--ber",
        "0.01,0.1",    "--chips",        "3",  "--no-importance", "--margin-images", "20",  "--out",
        folder / "out"};
    const RunResult first = run(arguments);
    ASSERT_EQ(first.status, 0) << first.err;
    EXPECT_THAT(first.err, HasSubstr("6 of 6 trials, 6 of them in"));
    const RunResult again = run(arguments);
    EXPECT_EQ(again.out, first.out);
    EXPECT_THAT(again.err, HasSubstr("6 of 6 trials, 0 of them in"));
    // Its store is that of a sweep.
    EXPECT_EQ(run({"report", folder / "out", "--quiet"}).status, 0);
    EXPECT_THAT(readFile(folder / "out/report.html"), HasSubstr("brownout tolerance"));
    arguments[7] = "0.02,0.1";
    const RunResult other = run(arguments);
    EXPECT_EQ(other.status, 1);
    EXPECT_THAT(other.err, HasSubstr("another campaign"));
    EXPECT_THAT(other.err, Not(HasSubstr("networks"))) << "said before anything is run";
}

TEST(ToleranceCommand, SaysWhatWasLeftOut) {
    const RunResult result =
        run({"tolerance", zoo("bnn-plain"), "-d", "fashion-mnist", "--images", "50", "--json",
             "--quiet", "--no-importance", "--no-measurement", "--margin-images", "20"});
    ASSERT_EQ(result.status, 0) << result.err;
    const json network = json::parse(result.out)["networks"][0];
    EXPECT_TRUE(network["inter_neuron_metric"].is_null()) << "not 0, which would be a figure";
    EXPECT_TRUE(network["measured"].is_null());
    EXPECT_GT(network["neuron_metric"], 0.0);
    const std::string text =
        run({"tolerance", zoo("bnn-plain"), "-d", "fashion-mnist", "--images", "50", "--quiet",
             "--no-importance", "--no-measurement", "--margin-images", "20"})
            .out;
    // Name, clean error, neuron metric, inter-neuron metric, two more, what was measured.
    EXPECT_THAT(text, ContainsRegex("fashion-bnn-plain +[0-9.]+ +[0-9.]+ +- +[0-9.]+ +[0-9.]+ +-"));
}

TEST(ToleranceCommand, RefusesANetworkWithoutBitsInOneLine) {
    const TemporaryFolder folder;
    const RunResult result = run(
        {"tolerance", zoo("rquant"), "-d", "fashion-mnist", "--quiet", "--out", folder / "out"});
    EXPECT_EQ(result.status, 1);
    EXPECT_FALSE(std::filesystem::exists(folder / "out")) << "of a measurement that never began";
    EXPECT_THAT(result.err, HasSubstr("fashion-rquant.onnx"));
    EXPECT_THAT(result.err, HasSubstr("expected a binarised network"));
}

TEST(ToleranceCommand, SweepAndInspectComputeWithBits) {
    const RunResult result = run({"inspect", zoo("bnn-plain"), "--json"});
    ASSERT_EQ(result.status, 0) << result.err;
    const json inspected = json::parse(result.out);
    for (const json& layer : inspected["layers"]) {
        EXPECT_TRUE(layer["macs"] == 0 || layer["arithmetic"] == "bits") << layer;
        EXPECT_EQ(layer["stored_codes"], layer["stored_bits"]);
    }
}

}  // namespace
}  // namespace brownout::test
