#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

#include "base/error.h"
#include "model/threshold_chips.h"
#include "model/uniform_chips.h"
#include "model/uniform_field.h"

namespace brownout {
namespace {

/// A tenth of the cells fails, each kind of cell among them.
Chip randomChip(const SramGeometry& geometry, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(0.F, 1.F);
    std::vector<FaultyCell> cells;
    for (std::uint32_t cell = 0; cell < geometry.cells(); ++cell) {
        if (random() % 10 != 0) continue;
        const float chances[] = {0.F, 1.F, uniform(random)};
        FaultyCell one{cell, 0.6F + 0.4F * uniform(random), chances[random() % 3],
                       chances[random() % 3]};
        if (one.p01 == 0.F && one.p10 == 0.F) one.p10 = 1.F;
        cells.push_back(one);
    }
    return Chip(geometry, cells, 0.5);
}

TEST(ThresholdChips, GiveTheCellsWhoseCriticalVoltageIsAboveTheSupply) {
    for (const SramGeometry geometry :
         {SramGeometry{2, 32, 64, 1}, SramGeometry{3, 16, 64, 4}, SramGeometry{2, 32, 20, 2}}) {
        const auto first = std::make_shared<const Chip>(randomChip(geometry, 1));
        const auto second = std::make_shared<const Chip>(randomChip(geometry, 2));
        ThresholdChips chips({first, second});
        EXPECT_EQ(chips.geometry(), geometry);
        for (const double supply : {0.5, 0.7, 0.9, 1.1}) {
            for (std::uint32_t number = 0; number < 2; ++number) {
                std::map<std::uint32_t, FaultyCell> expected;
                for (const FaultyCell& cell : (number == 0 ? *first : *second).cells()) {
                    if (static_cast<double>(cell.criticalVoltage) > supply) {
                        expected[cell.cell] = cell;
                    }
                }
                const auto faults = chips.faults(number, {supply});
                EXPECT_EQ(faults->failingCells(), expected.size());
                const std::vector<FaultyCell> cells = faults->cells();
                ASSERT_EQ(cells.size(), expected.size());
                auto at = expected.begin();
                for (const FaultyCell& cell : cells) {
                    EXPECT_EQ(cell.cell, at->first);
                    EXPECT_EQ(cell.p01, at->second.p01);
                    EXPECT_EQ(cell.p10, at->second.p10);
                    ++at;
                }
            }
        }
    }
}

TEST(ThresholdChips, RefuseWhatTheyDontKnow) {
    const SramGeometry geometry{1, 16, 64, 1};
    ThresholdChips chips(randomChip(geometry, 3));
    EXPECT_THROW(chips.faults(1, {0.7}), Error);
    EXPECT_THROW(chips.faults(0, {0.49}), Error);
    EXPECT_THROW(chips.faults(0, {0.7, 25.0}), Error);
    EXPECT_THROW(ThresholdChips(std::vector<std::shared_ptr<const Chip>>{}), Error);
    EXPECT_THROW(ThresholdChips({std::make_shared<const Chip>(randomChip(geometry, 3)),
                                 std::make_shared<const Chip>(randomChip({2, 16, 64, 1}, 3))}),
                 Error);
}

TEST(UniformChips, FlipTheCellsOfTheirFieldWhoseRankIsBelowTheRate) {
    for (const SramGeometry geometry : {SramGeometry{4, 512, 64, 1}, SramGeometry{3, 64, 40, 2}}) {
        UniformChips chips(geometry, 5);
        for (const double rate : {0.0, 1e-4, 0.01, 0.3}) {
            std::vector<RankedCell> expected;
            UniformField(5, 2).draw(rate, geometry.cells(), expected);
            const auto faults = chips.faults(2, {rate});
            EXPECT_EQ(faults->failingCells(), expected.size());
            const std::vector<FaultyCell> cells = faults->cells();
            ASSERT_EQ(cells.size(), expected.size());
            for (std::size_t i = 0; i < cells.size(); ++i) {
                EXPECT_EQ(cells[i].cell, expected[i].cell);
                EXPECT_EQ(cells[i].p01, 1.F);
                EXPECT_EQ(cells[i].p10, 1.F);
            }
        }
        EXPECT_THROW(chips.faults(0, {1.5}), Error);
        EXPECT_THROW(chips.faults(0, {0.1, 25.0}), Error);
    }
}

}  // namespace
}  // namespace brownout
