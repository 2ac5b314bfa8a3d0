#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class ProfileCommands : public testing::Test {
 protected:
    std::string generate(const std::string& name, std::vector<std::string> options) {
        const std::string path = folder_ / name;
        options.insert(options.begin(), {"profile", "generate", "-q", "-o", path});
        const RunResult result = run(options);
        EXPECT_EQ(result.status, 0) << result.err;
        return path;
    }
    std::string columns(const std::string& name, const std::string& seed) {
        return generate(name, {"--preset", "28nm-column", "--chips", "6", "--seed", seed});
    }

    TemporaryFolder folder_;
};

TEST_F(ProfileCommands, InfoTellsHowFaultsLie) {
    const std::string path = columns("a.h5", "1");
    const RunResult result = run({"profile", "info", path, "--json", "--quiet"});
    ASSERT_EQ(result.status, 0) << result.err;
    const json info = json::parse(result.out);
    const json lowest = info["voltages"][0];
    EXPECT_NEAR(lowest["correlation"]["column"]["value"].get<double>(), 0.5, 0.06);
    EXPECT_GT(lowest["same_column_pairs"]["share"].get<double>(), 0.7);
    EXPECT_NEAR(lowest["same_column_pairs"]["if_uniform"].get<double>(), 511.0 / 8191, 1e-9);
    EXPECT_LT(lowest["failing_interval_95"][0].get<double>(),
              lowest["rate_observed"]["mean"].get<double>());
    EXPECT_EQ(lowest["nested_share"], nullptr);
    EXPECT_EQ(info["voltages"][1]["nested_share"], 1);
    EXPECT_NEAR(info["critical_voltage"]["sigma"]["value"].get<double>(), 0.04, 0.004);
    EXPECT_EQ(info["critical_voltage"]["standard_errors_over"], "chip");
    EXPECT_THAT(run({"profile", "info", path, "--quiet"}).out, HasSubstr("How they lie"));
}

TEST_F(ProfileCommands, InfoDrawsPicturesAndAPageThatNeedsNoOtherFile) {
    const std::string path = columns("a.h5", "1");
    const RunResult result =
        run({"profile", "info", path, "--quiet", "--plots", folder_ / "pictures"});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err, "");
    const std::string page = readFile(folder_ / "pictures/profile.html");
    EXPECT_THAT(page, HasSubstr("</html>"));
    EXPECT_THAT(page, HasSubstr("data:image/png;base64,"));
    EXPECT_THAT(page, testing::Not(HasSubstr("src=\"http")));
    EXPECT_EQ(readFile(folder_ / "pictures/fault-map.png").substr(1, 3), "PNG");
    for (const char* name : {"pictures/columns.svg", "pictures/rows.svg", "pictures/rate.svg"}) {
        EXPECT_THAT(readFile(folder_ / name), HasSubstr("<svg")) << name;
    }
    writeAtomically(folder_ / "file", "");
    EXPECT_EQ(run({"profile", "info", path, "--quiet", "--plots", folder_ / "file"}).status, 1);
}

TEST_F(ProfileCommands, InfoDrawsAChipOnWhichNothingFails) {
    const std::string path = generate(
        "tiny.h5", {"--preset", "28nm-column", "--chips", "1", "--arrays", "1", "--rows", "4"});
    const RunResult result = run({"profile", "info", path, "--quiet", "--plots", folder_ / "p"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(readFile(folder_ / "p/profile.html"), HasSubstr("</html>"));
}

TEST_F(ProfileCommands, AFitGivesChipsThatPassAgainstTheOriginals) {
    const std::string original = columns("a.h5", "1");
    const std::string population = folder_ / "population.h5";
    const RunResult fit = run({"profile", "fit", original, "-o", population, "--json", "--quiet"});
    ASSERT_EQ(fit.status, 0) << fit.err;
    const json figures = json::parse(fit.out)["fit"];
    EXPECT_NEAR(figures["share_column"]["value"].get<double>(), 0.45, 0.09);
    EXPECT_EQ(figures["share_10"]["in_recipe"], 1);
    EXPECT_EQ(run({"profile", "validate", population}).status, 0);
    const RunResult same = run({"profile", "compare", original, population, "--quiet"});
    EXPECT_EQ(same.status, 0) << same.out << same.err;
    EXPECT_THAT(same.out, HasSubstr("No statistic differs"));
    EXPECT_THAT(run({"profile", "fit", original, "-o", population, "--quiet"}).out,
                HasSubstr("critical voltage: mean"));
}

TEST_F(ProfileCommands, CompareEndsWithStatus3WhereProfilesDiffer) {
    const std::string iid = generate("iid.h5", {"--chips", "4", "--arrays", "4"});
    const std::string silicon = columns("columns.h5", "1");
    const RunResult result = run({"profile", "compare", iid, silicon, "--json", "--quiet"});
    EXPECT_EQ(result.status, 3) << result.err;
    const json report = json::parse(result.out);
    EXPECT_EQ(report["differ"], true);
    EXPECT_EQ(report["replication"], "chip");
    EXPECT_LE(report["smallest_p"].get<double>(), 0.05);
}

TEST_F(ProfileCommands, WrongUsesAreOneLine) {
    const std::string path = columns("a.h5", "1");
    const auto expectUsage = [](std::vector<std::string> arguments, const char* text) {
        const RunResult result = run(arguments);
        EXPECT_EQ(result.status, 2) << text;
        EXPECT_THAT(result.err, HasSubstr(text));
    };
    expectUsage({"profile", "compare", path}, "two profiles");
    expectUsage({"profile", "compare", path, path, "--alpha", "2"}, "--alpha");
    expectUsage({"profile", "fit", path}, "--out");
    expectUsage({"profile", "fit", "-o", folder_ / "x.h5"}, "measured chips");
    const RunResult few =
        run({"profile", "fit",
             generate("few.h5", {"--preset", "28nm-column", "--chips", "1", "--arrays", "2"}), "-o",
             folder_ / "x.h5", "--quiet"});
    EXPECT_EQ(few.status, 1);
    EXPECT_THAT(few.err, HasSubstr("too few failing cells"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "x.h5"));
}

}  // namespace
}  // namespace brownout::test
