#include "model/chip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "base/error.h"
#include "model/random.h"

namespace brownout {
namespace {

const SramGeometry kGeometry{2, 16, 64, 1};

std::vector<FaultyCell> randomCells(std::uint32_t seed) {
    std::vector<FaultyCell> cells;
    RandomStream random(seed, RandomDomain::kTraffic, 0, 0);
    for (std::uint32_t cell = 0; cell < kGeometry.cells(); ++cell) {
        if (random.uniform() < 0.3) {
            cells.push_back(
                {cell, static_cast<float>(0.75 + 0.25 * random.uniform() + 1e-6), 1, 1});
        }
    }
    return cells;
}

TEST(Chip, WhatFailsAtAVoltageFailsAtEveryLowerOne) {
    const Chip chip(kGeometry, randomCells(1), 0.75);
    RandomStream random(2, RandomDomain::kTraffic, 0, 0);
    for (int pair = 0; pair < 200; ++pair) {
        double low = 0.75 + 0.25 * random.uniform();
        double high = 0.75 + 0.25 * random.uniform();
        if (low > high) std::swap(low, high);
        std::set<std::uint32_t> lowCells;
        for (const FaultyCell& cell : chip.cellsAbove(low)) lowCells.insert(cell.cell);
        for (const FaultyCell& cell : chip.cellsAbove(high)) EXPECT_TRUE(lowCells.count(cell.cell));
    }
}

TEST(Chip, FailingCellsAreThoseWhoseCriticalVoltageIsAboveTheSupply) {
    const auto cells = randomCells(3);
    const Chip chip(kGeometry, cells, 0.75);
    for (const double supply : {0.75, 0.8, 0.875, 0.9, 1.0}) {
        std::size_t expected = 0;
        for (const FaultyCell& cell : cells) expected += cell.criticalVoltage > supply;
        EXPECT_EQ(chip.cellsAbove(supply).size(), expected);
    }
    EXPECT_EQ(chip.cellsAbove(2.0).size(), 0U);
}

TEST(Chip, ACellAtItsCriticalVoltageStillWorks) {
    const Chip chip(kGeometry, {{7, 0.875F, 1, 1}}, 0.75);
    EXPECT_EQ(chip.cellsAbove(0.875).size(), 0U);
    EXPECT_EQ(chip.cellsAbove(std::nextafter(0.875, 0)).size(), 1U);
}

TEST(Chip, SaysNothingBelowItsFloor) {
    const Chip chip(kGeometry, {}, 0.75);
    EXPECT_THROW(chip.cellsAbove(0.74), Error);
    EXPECT_THROW(chip.cellsAbove(std::nan("")), Error);
}

TEST(Chip, RefusesCellsThatCannotBe) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    EXPECT_THROW(Chip(kGeometry, {{2048, 0.9F, 1, 1}}, 0.75), Error);
    EXPECT_THROW(Chip(kGeometry, {{1, nan, 1, 1}}, 0.75), Error);
    EXPECT_THROW(Chip(kGeometry, {{1, 0.75F, 1, 1}}, 0.75), Error);
    EXPECT_THROW(Chip(kGeometry, {{1, 0.9F, nan, 1}}, 0.75), Error);
    EXPECT_THROW(Chip(kGeometry, {{1, 0.9F, 0, 1.5F}}, 0.75), Error);
    EXPECT_THROW(Chip(kGeometry, {{1, 0.9F, 1, 1}, {2, 0.9F, 1, 1}, {1, 0.8F, 1, 1}}, 0.75), Error);
}

}  // namespace
}  // namespace brownout
