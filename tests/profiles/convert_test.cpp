#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <random>

#include "base/temporary_files.h"
#include "profiles/counts_writer.h"
#include "profiles/profile.h"
#include "profiles/profile_writer.h"
#include "profiles/simulated_measurement.h"
#include "profiles/statistics/threshold_estimate.h"
#include "profiles/validate.h"
#include "test_profiles.h"

// From thresholds to counts and back.

namespace brownout {
namespace {

using testing::HasSubstr;

constexpr double kStep = 0.02;
const SramGeometry kGeometry{4, 128, 32, 1};

std::vector<double> voltagesFrom(double lowest, int steps) {
    std::vector<double> voltages;
    for (int i = 0; i < steps; ++i)
        voltages.push_back(std::round((lowest + kStep * i) * 1e6) / 1e6);
    return voltages;
}

/// A profile with cells of every kind, `noise` or not; no cell with 0 < p < 0.3, which 100 reads
/// could miss.
Profile mixedProfile(const std::filesystem::path& path, std::uint32_t seed, double noise = 0) {
    ProfileHeader header;
    header.info = infoForNewProfile(Provenance::kSynthetic, "made for a test");
    header.device = {kGeometry, "", VoltageUnit::kVolt, std::nullopt};
    const double floor = 0.5 - kReadNoiseReach * noise;
    ThresholdRange range{2, floor, 0.8, {}};
    range.shifts.readNoise = noise;
    writeThresholdProfile(path, header, range, [&](std::uint32_t chip) {
        std::mt19937 random(seed * 100 + chip);
        std::normal_distribution<float> voltage(0.45F, 0.06F);
        std::uniform_real_distribution<float> p(0.3F, 1.F);
        std::vector<FaultyCell> cells;
        for (std::uint32_t cell = 0; cell < kGeometry.cells(); ++cell) {
            const float critical = voltage(random);
            const auto kind = noise > 0 ? random() % 3 : random() % 5;
            FaultyCell one{cell, std::min(critical, 0.699F), 1, 1};
            if (kind == 1) one.p01 = 0;
            if (kind == 2) one.p10 = 0;
            if (kind == 3) one.p01 = p(random), one.p10 = 0;
            if (kind == 4) one.p01 = p(random), one.p10 = p(random);
            if (static_cast<double>(one.criticalVoltage) > floor) cells.push_back(one);
        }
        return Chip(kGeometry, cells, floor, noise);
    });
    return Profile::open(path);
}

std::map<std::uint32_t, FaultyCell> byCell(Span<const FaultyCell> cells) {
    std::map<std::uint32_t, FaultyCell> all;
    for (const FaultyCell& one : cells) all[one.cell] = one;
    return all;
}

TEST(Convert, ThresholdsToCountsAndBackGivesEveryCellWithinTheStep) {
    const TemporaryFolder folder;
    const Profile original = mixedProfile(folder / "a.h5", 1);
    SimulatedMeasurement measurement{voltagesFrom(0.5, 12), {}, 100, 5};
    measureProfile(original, folder / "counts.h5", measurement);
    const Profile counts = Profile::open(folder / "counts.h5");
    EXPECT_EQ(counts.encoding(), Encoding::kCounts);
    EXPECT_EQ(counts.info().history.size(), 2U);
    writeThresholdEstimate(counts, folder / "b.h5", {});
    const Profile again = Profile::open(folder / "b.h5");

    // Of about 20,000 probabilities none may be outside 5.5 standard deviations of its binomial
    // mean: false alarm below 20,000 x 3.8e-8 x 4 (skewed tails of few reads) = 0.003.
    std::size_t compared = 0;
    for (std::uint32_t chip = 0; chip < 2; ++chip) {
        const auto before = byCell(original.chip(chip).cells());
        const auto after = byCell(again.chip(chip).cells());
        ASSERT_EQ(before.size(), after.size());
        for (const auto& [cell, one] : before) {
            ASSERT_EQ(after.count(cell), 1U);
            const FaultyCell& other = after.at(cell);
            EXPECT_NEAR(static_cast<double>(one.criticalVoltage),
                        static_cast<double>(other.criticalVoltage), kStep / 2 + 1e-6);
            const double reads =
                100 * std::ceil((static_cast<double>(one.criticalVoltage) - 0.5) / kStep);
            for (const auto& [p, estimate] :
                 {std::pair(one.p01, other.p01), std::pair(one.p10, other.p10)}) {
                const auto expected = static_cast<double>(p);
                EXPECT_NEAR(static_cast<double>(estimate), expected,
                            5.5 * std::sqrt(expected * (1 - expected) / reads) + 1e-6);
                ++compared;
            }
        }
    }
    EXPECT_GT(compared, 10000U);
}

TEST(Convert, AtEachMeasuredVoltageJustThoseCellsFailThatFailedThere) {
    const TemporaryFolder folder;
    const Profile original = mixedProfile(folder / "a.h5", 2);
    measureProfile(original, folder / "counts.h5", {voltagesFrom(0.5, 11), {}, 100, 6});
    const Profile counts = Profile::open(folder / "counts.h5");
    writeThresholdEstimate(counts, folder / "b.h5", {});
    const Profile again = Profile::open(folder / "b.h5");
    for (std::uint32_t chip = 0; chip < 2; ++chip) {
        for (const double voltage : counts.referenceVoltages()) {
            const auto measured = byCell(cellsAt(counts, chip, {voltage}));
            const auto estimated = byCell(cellsAt(again, chip, {voltage}));
            const auto true_ = byCell(cellsAt(original, chip, {voltage}));
            EXPECT_EQ(measured.size(), true_.size());
            ASSERT_EQ(measured.size(), estimated.size());
            for (const auto& [cell, one] : measured) ASSERT_EQ(estimated.count(cell), 1U);
        }
    }
}

TEST(Convert, ARecipeMeasuredAsOneOfPersistentCellsKeepsEveryCell) {
    const TemporaryFolder folder;
    RecipePreset preset = smallPreset();
    preset.recipe.shares = {0.5, 0.3, 0.2};
    writeRecipeProfile(folder / "r.h5", headerOf(preset), preset.recipe);
    const Profile recipe = Profile::open(folder / "r.h5");
    measureProfile(recipe, folder / "c.h5", {recipe.referenceVoltages(), {}, 7, 1});
    const Profile counts = Profile::open(folder / "c.h5");
    EXPECT_FALSE(hasError(validateProfile(folder / "c.h5")));
    for (std::uint32_t chip = 0; chip < recipe.chipCount(); ++chip) {
        for (const double voltage : recipe.referenceVoltages()) {
            const auto expected = byCell(cellsAt(recipe, chip, {voltage}));
            const auto measured = byCell(cellsAt(counts, chip, {voltage}));
            ASSERT_EQ(expected.size(), measured.size());
            for (const auto& [cell, one] : expected) {
                ASSERT_EQ(measured.count(cell), 1U);
                EXPECT_EQ(measured.at(cell).p01, one.p01);
                EXPECT_EQ(measured.at(cell).p10, one.p10);
            }
        }
    }
}

TEST(Convert, FindsTheReadNoiseThatWasThere) {
    // Ten seeds: the estimate is within 10 % of the noise each time; its standard deviation over
    // seeds is about 2 %, so that is 5 of them.
    const TemporaryFolder folder;
    for (std::uint32_t seed = 1; seed <= 10; ++seed) {
        const double noise = 0.004;
        const Profile noisy = mixedProfile(folder / "a.h5", seed, noise);
        EXPECT_EQ(noisy.supplies().lowest(), 0.5);
        measureProfile(noisy, folder / "c.h5", {voltagesFrom(0.5, 10), {}, 100, seed});
        const auto estimate = estimateReadNoise(Profile::open(folder / "c.h5"));
        ASSERT_TRUE(estimate);
        EXPECT_NEAR(estimate->noise, noise, 0.1 * noise) << seed;
        EXPECT_GT(estimate->partly, 500U);
    }
}

TEST(Convert, WithReadNoiseGivesTheErrorsThatWereMeasured) {
    const TemporaryFolder folder;
    const Profile noisy = mixedProfile(folder / "a.h5", 4, 0.004);
    measureProfile(noisy, folder / "c.h5", {voltagesFrom(0.5, 10), {}, 100, 4});
    writeThresholdEstimate(Profile::open(folder / "c.h5"), folder / "b.h5", {{}, 0.004});
    const Profile again = Profile::open(folder / "b.h5");
    EXPECT_EQ(again.supplies().shifts().readNoise, 0.004);
    EXPECT_EQ(again.info().version.minor, 1U);
    EXPECT_NEAR(again.supplies().lowest(), 0.52, 1e-9);
    EXPECT_FALSE(hasError(validateProfile(folder / "b.h5")));
    for (const double voltage : {0.52, 0.54, 0.56}) {
        double expected = 0, found = 0;
        for (const FaultyCell& one : cellsAt(noisy, 0, {voltage})) {
            expected += static_cast<double>(one.p01) + static_cast<double>(one.p10);
        }
        for (const FaultyCell& one : cellsAt(again, 0, {voltage})) {
            found += static_cast<double>(one.p01) + static_cast<double>(one.p10);
        }
        EXPECT_NEAR(found / expected, 1, 0.05) << voltage;
    }
}

TEST(Convert, OfSeveralPatternsTakesTheWorstOfEachCell) {
    const TemporaryFolder folder;
    const std::uint32_t cells = static_cast<std::uint32_t>(kGeometry.cellsPerArray());
    ProfileHeader header;
    header.info = infoForNewProfile(Provenance::kMeasured, "made for a test");
    header.device = {kGeometry, "", VoltageUnit::kVolt, std::nullopt};
    CountsWriter writer(folder / "c.h5", header, {1, {{0.5, 0.6}, {}, {"solid", "checker"}}, 10});
    for (std::uint32_t array = 0; array < kGeometry.arrays; ++array) {
        for (std::uint32_t voltage = 0; voltage < 2; ++voltage) {
            // The first cell fails more often under one pattern, the last under the other.
            const bool first = array == 0 && voltage == 0;
            for (const FailDirection direction : {FailDirection::k01, FailDirection::k10}) {
                std::vector<CellFails> solid, checker;
                if (first && direction == FailDirection::k01) {
                    solid = {{0, 8}, {cells - 1, 2}};
                    checker = {{0, 2}, {cells - 1, 8}};
                }
                writer.addSparse({0, array, voltage, 0, 0, direction}, 10, solid);
                writer.addSparse({0, array, voltage, 0, 1, direction}, 10, checker);
            }
        }
    }
    writer.commit();
    writeThresholdEstimate(Profile::open(folder / "c.h5"), folder / "b.h5", {});
    const Profile estimate = Profile::open(folder / "b.h5");
    const auto found = byCell(cellsAt(estimate, 0, {estimate.supplies().lowest()}));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_FLOAT_EQ(found.at(0).p01, 0.8F);
    EXPECT_FLOAT_EQ(found.at(cells - 1).p01, 0.8F);
}

TEST(Convert, RefusesWhatItCannotConvert) {
    const TemporaryFolder folder;
    const Profile original = mixedProfile(folder / "a.h5", 3);
    EXPECT_THAT(errorOf([&] {
                    measureProfile(original, folder / "c.h5", {{0.4, 0.6}, {}, 100, 1});
                }),
                HasSubstr("a.h5: 0.4 V is outside the profile"));
    EXPECT_THAT(errorOf([&] {
                    measureProfile(original, folder / "c.h5", {{0.6}, {}, 65535, 1});
                }),
                HasSubstr("reads: 65535; expected 1 to 65534"));
    EXPECT_THAT(errorOf([&] { writeThresholdEstimate(original, folder / "b.h5", {}); }),
                HasSubstr("has the encoding 'threshold'; expected counts"));
    measureProfile(original, folder / "c.h5", {{0.6}, {}, 10, 1});
    const Profile counts = Profile::open(folder / "c.h5");
    EXPECT_THAT(errorOf([&] {
                    measureProfile(counts, folder / "d.h5", {{0.6}, {}, 10, 1});
                }),
                HasSubstr("c.h5: holds counts already"));
    EXPECT_THAT(errorOf([&] { writeThresholdEstimate(counts, folder / "b.h5", {}); }),
                HasSubstr("was measured at one voltage"));
    EXPECT_FALSE(estimateReadNoise(counts));
}

TEST(Fails, AreBinomial) {
    // Means and variances over 4000 cells within 5 standard errors: false alarm below 1e-5.
    for (const double p : {0.02, 0.5, 0.93}) {
        double sum = 0, squares = 0;
        const double n = 100, cells = 4000;
        for (std::uint32_t cell = 0; cell < 4000; ++cell) {
            const double fails = drawFails(3, 1, cell, 7, 100, p);
            sum += fails;
            squares += (fails - n * p) * (fails - n * p);
        }
        const double variance = n * p * (1 - p);
        EXPECT_NEAR(sum / cells, n * p, 5 * std::sqrt(variance / cells));
        EXPECT_NEAR(squares / cells, variance, 5 * variance * std::sqrt(2.2 / cells));
    }
    EXPECT_EQ(drawFails(1, 2, 3, 4, 100, 0.3), drawFails(1, 2, 3, 4, 100, 0.3));
    EXPECT_EQ(drawFails(1, 2, 3, 4, 100, 1), 100U);
    EXPECT_EQ(drawFails(1, 2, 3, 4, 100, 0), 0U);
}

TEST(Temperature, MovesCriticalVoltagesWhereTheProfileSaysHow) {
    const TemporaryFolder folder;
    ProfileHeader header;
    header.info = infoForNewProfile(Provenance::kMeasured, "made for a test");
    header.device = {kGeometry, "", VoltageUnit::kVolt, std::nullopt};
    ThresholdRange range{1, 0.5, 0.8, {}};
    const auto chip = [&](std::uint32_t) {
        return Chip(kGeometry, {{1, 0.6F, 1, 1}, {2, 0.55F, 1, 1}}, 0.5);
    };
    range.shifts.referenceTemperatureC = 25;
    writeThresholdProfile(folder / "one.h5", header, range, chip);
    const Profile one = Profile::open(folder / "one.h5");
    EXPECT_EQ(one.supplies().temperature({}), 25);
    EXPECT_EQ(cellsAt(one, 0, {0.57, 25}).size(), 1U);
    EXPECT_THAT(
        errorOf([&] {
            cellsAt(one, 0, {0.57, 85});
        }),
        HasSubstr("says nothing about 85 degrees Celsius, and not how to interpolate; there "
                  "is 25"));

    range.shifts.temperatureCoefficient = -0.001;
    writeThresholdProfile(folder / "all.h5", header, range, chip);
    const Profile all = Profile::open(folder / "all.h5");
    EXPECT_EQ(cellsAt(all, 0, {0.57}).size(), 1U);
    EXPECT_EQ(cellsAt(all, 0, {0.57, -10}).size(), 2U);  // critical voltages 35 mV higher
    EXPECT_EQ(cellsAt(all, 0, {0.57, 85}).size(), 0U);   // and 60 mV lower
    EXPECT_EQ(all.supplies().supply({0.45, VoltageUnit::kVolt}, 85), 0.45);
    EXPECT_EQ(cellsAt(all, 0, {0.44, 85}).size(), 2U);
    EXPECT_THAT(errorOf([&] {
                    all.supplies().supply({0.43, VoltageUnit::kVolt}, 85);
                }),
                HasSubstr("outside the profile, which covers 0.44 to 0.74 V at that temperature"));

    range.shifts = {};
    writeThresholdProfile(folder / "none.h5", header, range, chip);
    EXPECT_THAT(errorOf([&] {
                    cellsAt(Profile::open(folder / "none.h5"), 0, {0.57, 25});
                }),
                HasSubstr("doesn't say at which temperature its cells fail"));
    EXPECT_EQ(Profile::open(folder / "none.h5").info().version.minor, 0U);
    range.shifts.temperatureCoefficient = 1;
    EXPECT_THAT(errorOf([&] { writeThresholdProfile(folder / "x.h5", header, range, chip); }),
                HasSubstr("a coefficient needs a reference temperature"));
}

}  // namespace
}  // namespace brownout
