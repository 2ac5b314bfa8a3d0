#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "base/error.h"
#include "model/chip.h"
#include "model/faults/chip_at_supply.h"

// Read noise: cells near the supply fail in some reads, with the chance that REFERENCE 2 gives.

namespace brownout {
namespace {

constexpr double kNoise = 0.004;
const SramGeometry kGeometry{1, 512, 64, 1};

/// Critical voltages evenly over [0.5, 0.6], what cells do at random.
std::vector<FaultyCell> cellsOf(std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<FaultyCell> cells;
    for (std::uint32_t i = 0; i < kGeometry.cells(); i += 2) {
        const float voltage =
            0.5F + 0.1F * (static_cast<float>(i) + 1.F) / static_cast<float>(kGeometry.cells());
        const float p = random() % 2 == 0 ? 1.F : 0.5F;
        cells.push_back({i, voltage, random() % 2 == 0 ? p : 0.F, p});
    }
    return cells;
}

double phi(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

std::set<std::uint64_t> failingReads(const FaultOverlay& overlay, bool stored) {
    std::set<std::uint64_t> cells;
    const Word data = stored ? ~Word{0} : 0;
    for (std::uint64_t word = 0; word < kGeometry.words(); ++word) {
        const Word wrong = overlay.read(word, data) ^ data;
        for (std::uint32_t bit = 0; bit < 64; ++bit) {
            if ((wrong >> bit & 1) != 0) cells.insert(kGeometry.cellOfBit(word, bit));
        }
    }
    return cells;
}

TEST(ReadNoise, MakesAReadFailWithTheChanceOfTheClosedForm) {
    // Reads of cells in five bands around the supply, 200 loads: 2 x 5 counts, each within 4.5
    // standard deviations of its mean. Two-sided normal tail 6.8e-6 each: false alarm below 1e-4.
    const Chip chip(kGeometry, cellsOf(1), 0.5, kNoise);
    const double supply = 0.55;
    for (const bool stored : {false, true}) {
        double mean[5] = {}, variance[5] = {}, seen[5] = {};
        const auto bandOf = [&](const FaultyCell& cell) {
            const double away = (static_cast<double>(cell.criticalVoltage) - supply) / kNoise;
            return away < -2 ? 0 : away < -0.5 ? 1 : away < 0.5 ? 2 : away < 2 ? 3 : 4;
        };
        std::vector<int> band(kGeometry.cells(), -1);
        const int loads = 200;
        for (const FaultyCell& cell : chip.cells()) {
            const double away = (static_cast<double>(cell.criticalVoltage) - supply) / kNoise;
            const double p = phi(away) * static_cast<double>(stored ? cell.p10 : cell.p01);
            band[cell.cell] = bandOf(cell);
            mean[bandOf(cell)] += loads * p;
            variance[bandOf(cell)] += loads * p * (1 - p);
        }
        for (std::uint32_t load = 0; load < loads; ++load) {
            const FaultOverlay drawn = overlayAt(chip, supply).resolved({7, 0, load});
            for (const std::uint64_t cell : failingReads(drawn, stored)) seen[band[cell]] += 1;
        }
        for (int i = 0; i < 5; ++i) {
            EXPECT_NEAR(seen[i], mean[i], 4.5 * std::sqrt(variance[i])) << i << stored;
        }
    }
}

TEST(ReadNoise, KeepsWhatFailsInOneLoadNestedOverTheVoltage) {
    const Chip chip(kGeometry, cellsOf(2), 0.5, kNoise);
    for (const std::uint32_t load : {0U, 1U, 17U}) {
        for (const bool stored : {false, true}) {
            std::set<std::uint64_t> higher;
            for (const double supply : {0.58, 0.57, 0.568, 0.566, 0.55, 0.53}) {
                const auto failing =
                    failingReads(overlayAt(chip, supply).resolved({1, 4, load}), stored);
                for (const std::uint64_t cell : higher) ASSERT_EQ(failing.count(cell), 1U);
                EXPECT_GT(failing.size(), higher.size());
                higher = failing;
            }
        }
    }
}

TEST(ReadNoise, OfZeroChangesNothing) {
    const Chip with(kGeometry, cellsOf(3), 0.5, 0);
    const auto failing = with.cellsAbove(0.55);
    const auto faults = cellsAt(with, 0.55);
    ASSERT_EQ(faults.size(), failing.size());
    for (std::size_t i = 0; i < faults.size(); ++i) {
        EXPECT_EQ(faults[i].cell, failing[i].cell);
        EXPECT_EQ(faults[i].p01, failing[i].p01);
        EXPECT_EQ(faults[i].p10, failing[i].p10);
    }
}

TEST(ReadNoise, TouchesOnlyTheCellsItReaches) {
    const Chip chip(kGeometry, cellsOf(4), 0.5, kNoise);
    const FaultOverlay overlay = overlayAt(chip, 0.55);
    // 5 sigma on both sides of 0.55 V are 40 % of the cells; of the rest above, half are
    // persistent.
    for (const FaultyCell& cell : cellsAt(chip, 0.55)) {
        EXPECT_GT(static_cast<double>(cell.criticalVoltage), 0.55 - 5 * kNoise);
        if (static_cast<double>(cell.criticalVoltage) > 0.55 + 5 * kNoise) {
            EXPECT_TRUE(cell.p10 == 1.F || cell.p10 == 0.5F);
        }
    }
}

TEST(ReadNoise, NeedsTheCellsThatItReaches) {
    const Chip chip(kGeometry, cellsOf(5), 0.5, kNoise);
    EXPECT_NO_THROW(cellsAt(chip, 0.52));
    EXPECT_THROW(cellsAt(chip, 0.5199), Error);
    EXPECT_NO_THROW(chip.cellsAbove(0.5));
    EXPECT_THROW(Chip(kGeometry, {}, 0.5, -1e-3), Error);
    EXPECT_THROW(Chip(kGeometry, {}, 0.5, std::nan("")), Error);
}

}  // namespace
}  // namespace brownout
