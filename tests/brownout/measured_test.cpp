#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/brownout/program.h"

// Measured chips through the whole program: counts, read noise, resampling, temperature.

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Measured : public testing::Test {
 protected:
    void runWell(const std::vector<std::string>& arguments) {
        const RunResult result = run(arguments);
        ASSERT_EQ(result.status, 0) << result.err;
    }
    /// Chips of four arrays of the preset, as thresholds or a recipe.
    std::string generated(const std::string& preset, const std::string& encoding) {
        const std::string path = folder_ / (preset + ".h5");
        runWell({"profile", "generate", "--preset", preset, "--chips", "3", "--arrays", "4",
                 "--encoding", encoding, "--quiet", "-o", path});
        return path;
    }
    std::string measured(const std::string& profile, const std::string& voltages) {
        const std::string path = profile + ".counts.h5";
        runWell({"profile", "convert", profile, "-o", path, "--to", "counts", "--reads", "20", "-v",
                 voltages, "--quiet"});
        return path;
    }
    json sweep(const std::string& profile, const std::vector<std::string>& more) {
        std::vector<std::string> arguments{"sweep", "--json", "--quiet", "-d", "fashion-mnist"};
        for (const std::string& one :
             {std::string("--images"), std::string("64"), std::string("-m"), zoo("rquant"),
              std::string("-p"), profile, std::string("--chips"), std::string("2")}) {
            arguments.push_back(one);
        }
        arguments.insert(arguments.end(), more.begin(), more.end());
        const RunResult result = run(arguments);
        EXPECT_EQ(result.status, 0) << result.err;
        warnings_ = result.err;
        return json::parse(result.out);
    }

    TemporaryFolder folder_;
    std::string warnings_;
};

TEST_F(Measured, ASweepOnCountsOfPersistentCellsIsTheSweepOnTheChipsThemselves) {
    const std::string chips = generated("14nm-iid", "threshold");
    const std::string counts = measured(chips, "0.875,0.8,0.75");
    const json a = sweep(chips, {"-v", "0.875,0.8,0.75"});
    const json b = sweep(counts, {"-v", "0.875,0.8,0.75"});
    EXPECT_EQ(warnings_, "");
    ASSERT_EQ(a["points"].size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        for (const char* key : {"error", "robust_error", "ber_observed", "bits"}) {
            EXPECT_EQ(a["points"][i][key], b["points"][i][key]) << i << key;
        }
        EXPECT_NEAR(a["points"][i]["ber_expected"], b["points"][i]["ber_expected"], 1e-12);
    }
}

TEST_F(Measured, CellsThatFailSometimesDoSoInEachReadBatchAsReplayably) {
    const std::string noisy = generated("14nm-columns", "recipe");
    const std::vector<std::string> once{"-v", "0.8"};
    const std::vector<std::string> often{"-v",         "0.8",          "--resample",
                                         "read-batch", "--read-batch", "8"};
    const json load = sweep(noisy, once);
    const json batch = sweep(noisy, often);
    EXPECT_EQ(load["campaign"]["resample"], "load");
    EXPECT_EQ(load["campaign"]["loads_per_trial"], 1);
    EXPECT_EQ(batch["campaign"]["resample"], "read-batch");
    EXPECT_EQ(batch["campaign"]["loads_per_trial"], 8);
    EXPECT_EQ(batch["campaign"]["read_batch"], 8);
    EXPECT_NE(load["campaign"]["fingerprint"], batch["campaign"]["fingerprint"]);
    const json& a = load["points"][0];
    const json& b = batch["points"][0];
    EXPECT_EQ(b["images"], a["images"]);
    EXPECT_EQ(b["bits"]["read"].get<std::uint64_t>(), 8 * a["bits"]["read"].get<std::uint64_t>());
    EXPECT_GT(b["bits"]["wrong"], a["bits"]["wrong"]);
    EXPECT_NE(b["bits"]["wrong"].get<std::uint64_t>() % 8, 0U) << "drawn once only?";
    EXPECT_NEAR(b["ber_observed"].get<double>() / a["ber_observed"].get<double>(), 1, 0.3);

    std::vector<std::string> threads = often;
    threads.insert(threads.end(), {"--threads", "3"});
    EXPECT_EQ(sweep(noisy, threads)["points"], batch["points"]);
}

TEST_F(Measured, PersistentCellsGiveTheSameErrorWheneverTheyAreRead) {
    const std::string chips = generated("14nm-iid", "threshold");
    const json load = sweep(chips, {"-v", "0.8"});
    const json batch =
        sweep(chips, {"-v", "0.8", "--resample", "read-batch", "--read-batch", "24"});
    EXPECT_EQ(load["points"][0]["error"], batch["points"][0]["error"]);
    EXPECT_EQ(load["points"][0]["ber_observed"], batch["points"][0]["ber_observed"]);
}

TEST_F(Measured, ASweepWarnsOnceOfWhatWasNotMeasured) {
    const std::string golden = source("tests/profiles/golden/counts-1.1.h5");
    const json result = sweep(golden, {"--temperature", "85", "-v", "0.5V,0.55V"});
    EXPECT_EQ(result["campaign"]["profile"]["temperature_c"], 85);
    EXPECT_THAT(warnings_, HasSubstr("warning: " + golden +
                                     ": of the cells at these voltages 25.10 % were not measured "
                                     "with a 0 stored and "));
    EXPECT_THAT(warnings_, HasSubstr("the direction of "));
    EXPECT_EQ(std::count(warnings_.begin(), warnings_.end(), '\n'), 2);
}

TEST_F(Measured, InfoShowsTheMeasuredShareAndTheTemperatures) {
    const std::string golden = source("tests/profiles/golden/counts-1.1.h5");
    const RunResult several = run({"profile", "info", golden});
    EXPECT_EQ(several.status, 1);
    EXPECT_THAT(several.err, HasSubstr("expected to be asked for one of 25, 85 degrees Celsius"));
    const RunResult text = run({"profile", "info", golden, "--temperature", "25", "--quiet"});
    ASSERT_EQ(text.status, 0) << text.err;
    EXPECT_THAT(text.out, HasSubstr("temperature  25, 85 degrees Celsius"));
    EXPECT_THAT(text.out, HasSubstr("0 stored %  1 stored %  failing, direction unknown"));
    const RunResult asJson =
        run({"profile", "info", golden, "--temperature", "25", "--quiet", "--json"});
    const json info = json::parse(asJson.out);
    EXPECT_EQ(info["temperatures_c"], json::array({25, 85}));
    EXPECT_NEAR(info["voltages"][0]["measured"]["share_01"].get<double>(), 1, 0.01);
    EXPECT_LT(info["voltages"][0]["measured"]["share_01"].get<double>(), 1);

    const std::string noisy = source("tests/profiles/golden/noisy-threshold-1.1.h5");
    const RunResult noise = run({"profile", "info", noisy, "--quiet"});
    ASSERT_EQ(noise.status, 0) << noise.err;
    EXPECT_THAT(noise.out, HasSubstr("read noise   0.004 V"));
    EXPECT_THAT(noise.out, HasSubstr("critical voltages rise by -0.0005 V a degree"));
}

}  // namespace
}  // namespace brownout::test
