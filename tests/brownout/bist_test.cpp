#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/atomic_file.h"
#include "profiles/profile_chips.h"
#include "profiles/profile_writer.h"
#include "tests/brownout/program.h"
#include "tests/sim/sample_chip.h"

namespace brownout::test {
namespace {

using testing::HasSubstr;

const SramGeometry kGeometry{8, 512, 64, 1};

/// A threshold profile of three chips with stuck-at-0, stuck-at-1 and flipping cells, and with
/// `noisy` also cells that fail only sometimes; 4 % of the cells fail at 0.75.
void writeProfile(const std::string& path, bool noisy) {
    ProfileHeader header;
    header.info = infoForNewProfile(Provenance::kSynthetic, "drawn for a test");
    header.device.geometry = kGeometry;
    header.device.node = "test";
    header.referenceVoltages = {0.8, 0.85, 0.9};
    header.energy =
        EnergyModel({{0.7, 0.5e-12, 0.6e-12, {}}, {1.0, 1e-12, 1.2e-12, {}}}, 1.0, "test");
    writeThresholdProfile(path, header, {3, 0.75, 1.0}, [&](std::uint32_t chip) {
        return *sampleChip(kGeometry, 0.04, chip, !noisy);
    });
}

/// (cell, p01, p10) of everything that fails.
std::set<std::tuple<std::uint32_t, float, float>> failing(const Profile& profile,
                                                          std::uint32_t chip, double supply) {
    std::set<std::tuple<std::uint32_t, float, float>> cells;
    for (const FaultyCell& cell : ProfileChips(profile).faults(chip, {supply})->cells()) {
        cells.insert({cell.cell, cell.p01, cell.p10});
    }
    return cells;
}

class BistOf : public testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(BistOf, FindsExactlyTheFaultsOfPersistentCellsAtEachSupply) {
    const auto [target, algorithm] = GetParam();
    const TemporaryFolder folder;
    writeProfile(folder / "chips.h5", false);
    const RunResult result =
        run({"bist", "-p", folder / "chips.h5", "-v", "0.9,0.8,0.85", "--chips", "3", "--target",
             target, "--algorithm", algorithm, "-o", folder / "measured.h5", "--quiet"});
    ASSERT_EQ(result.status, 0) << result.err;
    const Profile original = Profile::open(folder / "chips.h5");
    const Profile measured = Profile::open(folder / "measured.h5");
    EXPECT_EQ(measured.encoding(), Encoding::kCounts);
    EXPECT_EQ(measured.chipCount(), 3U);
    EXPECT_EQ(measured.device().geometry, kGeometry);
    EXPECT_EQ(measured.energy()->source(), "test");
    EXPECT_EQ(measured.info().history.front(), original.info().history.front());
    EXPECT_THAT(measured.info().history.back(), HasSubstr(algorithm));
    for (std::uint32_t chip = 0; chip < 3; ++chip) {
        for (const double supply : {0.8, 0.85, 0.9}) {
            const auto expected = failing(original, chip, supply);
            EXPECT_GT(expected.size(), 1000U);
            EXPECT_EQ(failing(measured, chip, supply), expected) << chip << " at " << supply;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Targets, BistOf,
                         testing::Values(std::pair{"rtl", "march-c-"}, std::pair{"rtl", "mats+"},
                                         std::pair{"rtl", "march-ss"},
                                         std::pair{"systemc", "march-c-"},
                                         std::pair{"systemc", "mats+"},
                                         std::pair{"systemc", "march-ss"}),
                         [](const auto& test) {
                             std::string name = test.param.first + "_" + test.param.second;
                             for (char& c : name) {
                                 if (c == '-' || c == '+') c = '_';
                             }
                             return name;
                         });

TEST(Bist, ASweepOnItsProfileEqualsTheSweepOnTheOriginalTrialByTrial) {
    const TemporaryFolder folder;
    writeProfile(folder / "chips.h5", false);
    ASSERT_EQ(run({"bist", "-p", folder / "chips.h5", "-v", "0.9,0.85,0.8", "--chips", "3", "-o",
                   folder / "measured.h5", "--quiet"})
                  .status,
              0);
    const auto sweep = [&](const std::string& name) {
        const RunResult result =
            run({"sweep", "-m", zoo("rquant"), "-d", "fashion-mnist", "--images", "40", "-p",
                 folder / (name + ".h5"), "-v", "0.9,0.85,0.8", "--chips", "3", "--quiet",
                 "--no-report", "--out", folder / name});
        EXPECT_EQ(result.status, 0) << result.err;
        return readFile(folder / (name + "/trials.csv"));
    };
    const std::string original = sweep("chips");
    EXPECT_EQ(sweep("measured"), original);
    EXPECT_EQ(std::count(original.begin(), original.end(), '\n'), 1 + 9);
}

TEST(Bist, RepeatsCountHowOftenCellsFailThatFailSometimes) {
    const TemporaryFolder folder;
    writeProfile(folder / "chips.h5", true);
    constexpr int kRepeats = 40;
    ASSERT_EQ(run({"bist", "-p", folder / "chips.h5", "-v", "0.8", "--chip", "1", "--repeats",
                   std::to_string(kRepeats), "--target", "systemc", "-o", folder / "measured.h5",
                   "--quiet"})
                  .status,
              0);
    const Profile original = Profile::open(folder / "chips.h5");
    const Profile measured = Profile::open(folder / "measured.h5");
    std::vector<FaultyCell> found(kGeometry.cells());
    for (const FaultyCell& cell : ProfileChips(measured).faults(0, {0.8})->cells())
        found[cell.cell] = cell;
    // Sum over all cells of (share of failing runs - p)^2 in units of its variance: mean 1 a cell,
    // standard deviation at most about sqrt(2 + 1/(n p (1-p))) / sqrt(cells).
    double sum = 0;
    int cells = 0;
    for (const FaultyCell& cell : ProfileChips(original).faults(1, {0.8})->cells()) {
        const double p = static_cast<double>(cell.p01);
        if (p == 0 || p == 1) {
            EXPECT_EQ(found[cell.cell].p01, cell.p01);
        } else if (p > 0.1 && p < 0.9) {
            const double off = static_cast<double>(found[cell.cell].p01) - p;
            sum += off * off * kRepeats / (p * (1 - p));
            ++cells;
        }
    }
    ASSERT_GT(cells, 1000);
    // Five standard deviations: a false alarm in 2 million seeds, and the seed is fixed.
    EXPECT_NEAR(sum / cells, 1, 5 * std::sqrt(2.3 / cells));
}

TEST(Bist, SaysWhatIsWrongInOneLine) {
    const TemporaryFolder folder;
    writeProfile(folder / "chips.h5", false);
    const std::vector<std::pair<std::vector<std::string>, std::string>> uses{
        {{"--algorithm", "galpat"}, "galpat"}, {{"--target", "fpga"}, "'fpga'"},
        {{"--chip", "3"}, "chips 0 to 2"},     {{"--chips", "4"}, "has 3"},
        {{"--repeats", "0"}, "--repeats"},     {{"--voltages", "0.5"}, "chips.h5"},
    };
    for (const auto& [arguments, named] : uses) {
        std::vector<std::string> all{"bist",   "-p", folder / "chips.h5", "-o", folder / "out.h5",
                                     "--quiet"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        const RunResult result = run(all);
        EXPECT_NE(result.status, 0);
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        EXPECT_THAT(result.err, HasSubstr(named));
        EXPECT_FALSE(std::filesystem::exists(folder / "out.h5"));
    }
}

TEST(SweepMemory, GivesTheSameBytesThroughEveryMemory) {
    const TemporaryFolder folder;
    writeProfile(folder / "chips.h5", true);
    const auto sweep = [&](const std::vector<std::string>& more) {
        std::vector<std::string> all{"sweep",
                                     "-m",
                                     zoo("rquant"),
                                     "-m",
                                     zoo("normal"),
                                     "-d",
                                     "fashion-mnist",
                                     "--images",
                                     "20",
                                     "-p",
                                     folder / "chips.h5",
                                     "-v",
                                     "0.9,0.8",
                                     "--chips",
                                     "2",
                                     "--offsets",
                                     "2",
                                     "--codec",
                                     "none,parity,secded,op-8,in-place-ecc",
                                     "--format",
                                     "int8",
                                     "--json",
                                     "--quiet"};
        all.insert(all.end(), more.begin(), more.end());
        const RunResult result = run(all);
        EXPECT_EQ(result.status, 0) << result.err;
        return result.out;
    };
    const std::string direct = sweep({});
    EXPECT_THAT(direct, HasSubstr("\"memory\": \"functional\""));
    for (const std::string memory : {"functional", "systemc", "rtl"}) {
        std::string out = sweep({"--memory", memory});
        const std::string name = "\"memory\": \"" + memory + "\"";
        ASSERT_THAT(out, HasSubstr(name));
        out.replace(out.find(name), name.size(), "\"memory\": \"functional\"");
        // The memory is part of the campaign's identity; everything else is the same to the byte.
        const auto identity = [](const std::string& text) {
            return nlohmann::json::parse(text)["campaign"]["fingerprint"].get<std::string>();
        };
        EXPECT_EQ(identity(out) == identity(direct), memory == "functional");
        out.replace(out.find(identity(out)), identity(out).size(), identity(direct));
        EXPECT_EQ(out, direct) << memory;
    }
}

TEST(SweepMemory, SaysInOneLineWhatItCannotUse) {
    const std::vector<std::string> sweep{"sweep",         "-m",       zoo("rquant"), "-d",
                                         "fashion-mnist", "--images", "5",           "--quiet"};
    const auto with = [&](const std::vector<std::string>& more) {
        auto all = sweep;
        all.insert(all.end(), more.begin(), more.end());
        const RunResult result = run(all);
        EXPECT_NE(result.status, 0);
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        return result.err;
    };
    EXPECT_THAT(with({"--ber", "0.01", "--memory", "dram"}), HasSubstr("'dram'"));
    const TemporaryFolder folder;
    ASSERT_EQ(run({"profile", "generate", "--chips", "1", "--arrays", "40", "-o",
                   folder / "large.h5", "--quiet"})
                  .status,
              0);
    EXPECT_THAT(with({"-p", folder / "large.h5", "-v", "0.9", "--chips", "1", "--memory", "rtl"}),
                HasSubstr("at most 32 data arrays"));
}

TEST(Regulator, HasALimitOfWhatItIsBelievedToDo) {
    const TemporaryFolder folder;
    for (const auto& [option, value] : {std::pair("--slew", "1e-300"),
                                        {"--slew", "0"},
                                        {"--slew", "-5"},
                                        {"--slew", "inf"},
                                        {"--slew", "1e300"},
                                        {"--settling", "-1"},
                                        {"--settling", "1e30"}}) {
        const RunResult result = run({"bist", "-p", source("profiles/14nm.h5"), "-v", "0.875", "-o",
                                      folder / "out.h5", option, value});
        EXPECT_EQ(result.status, 2) << option << value << result.err;
        EXPECT_THAT(result.err, HasSubstr(option));
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace brownout::test
