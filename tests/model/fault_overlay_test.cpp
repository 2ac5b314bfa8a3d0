#include "model/fault_overlay.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/random.h"

namespace brownout {
namespace {

/// The oracle: what one cell does to one stored bit when its draw for the load is u.
bool readCell(bool stored, float p01, float p10, double u) {
    return stored ? !(u < static_cast<double>(p10)) : u < static_cast<double>(p01);
}

std::vector<FaultyCell> randomCells(const SramGeometry& geometry, std::uint32_t seed, double rate) {
    std::vector<FaultyCell> cells;
    RandomStream random(seed, RandomDomain::kTraffic, 0, 0);
    const float levels[] = {0.F, 1.F, 0.25F, 0.7F};
    for (std::uint32_t cell = 0; cell < geometry.cells(); ++cell) {
        if (random.uniform() >= rate) continue;
        cells.push_back({cell, 1.F, levels[random.next() % 4], levels[random.next() % 4]});
    }
    for (std::size_t i = cells.size(); i > 1; --i)
        std::swap(cells[i - 1], cells[random.next() % i]);
    return cells;
}

class OverlayOfEveryGeometry : public testing::TestWithParam<SramGeometry> {};

TEST_P(OverlayOfEveryGeometry, ReadsWhatEveryCellByItselfWouldGive) {
    const SramGeometry geometry = GetParam();
    RandomStream random(4, RandomDomain::kTraffic, 1, 0);
    for (std::uint32_t trial = 0; trial < 20; ++trial) {
        const auto cells = randomCells(geometry, trial, trial % 2 == 0 ? 0.02 : 0.5);
        const LoadId load{42, 3, trial};
        const FaultOverlay overlay = FaultOverlay(geometry, cells).resolved(load);
        EXPECT_EQ(overlay.failingCells(), cells.size());

        std::vector<Word> stored(geometry.words());
        const Word used =
            geometry.wordBits() == 64 ? ~Word{0} : (Word{1} << geometry.wordBits()) - 1;
        for (Word& word : stored) word = random.next() & used;
        std::vector<Word> expected = stored;
        for (const FaultyCell& cell : cells) {
            const std::uint64_t word = geometry.wordOfCell(cell.cell);
            const Word bit = Word{1} << geometry.bitOfCell(cell.cell);
            const double u = uniformAt(42, RandomDomain::kReadNoise, 3, trial, cell.cell);
            const bool got = readCell((stored[word] & bit) != 0, cell.p01, cell.p10, u);
            expected[word] = got ? expected[word] | bit : expected[word] & ~bit;
        }

        std::vector<Word> read = stored;
        overlay.apply(0, read);
        EXPECT_EQ(read, expected);
        for (std::uint64_t word = 0; word < geometry.words(); ++word) {
            ASSERT_EQ(overlay.read(word, stored[word]), expected[word]);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Geometries, OverlayOfEveryGeometry,
                         testing::Values(SramGeometry{2, 16, 64, 1}, SramGeometry{1, 8, 64, 4},
                                         SramGeometry{3, 5, 20, 2}));

TEST(FaultOverlay, WordsAscendAndEachComesOnce) {
    const SramGeometry geometry{1, 64, 64, 8};
    const FaultOverlay overlay(geometry, randomCells(geometry, 8, 0.3));
    std::int64_t last = -1;
    overlay.forEachWord([&](const WordFault& fault) {
        ASSERT_LT(last, fault.word);
        last = fault.word;
    });
    EXPECT_GT(last, 0);
}

// The fast way of drawing a field as words, against the cells that the field draws one by one.
TEST(FaultOverlay, OfAUniformFieldFlipsTheCellsThatTheFieldDraws) {
    for (const SramGeometry& geometry :
         {SramGeometry{3, 512, 64, 1}, SramGeometry{1, 700, 64, 1}, SramGeometry{1, 1, 64, 1},
          SramGeometry{1, 300, 24, 1}, SramGeometry{2, 64, 64, 4}}) {
        for (const double rate : {0.0, 1e-5, 1e-3, 0.02, 0.3, 0.7, 1.0}) {
            for (std::uint32_t chip = 0; chip < 3; ++chip) {
                const UniformField field(3, chip);
                std::vector<RankedCell> cells;
                field.draw(rate, geometry.cells(), cells);
                std::vector<Word> expected(geometry.words(), 0x123456);
                std::vector<Word> read = expected;
                for (const RankedCell& cell : cells) {
                    expected[geometry.wordOfCell(cell.cell)] ^= Word{1}
                                                                << geometry.bitOfCell(cell.cell);
                }
                const FaultOverlay overlay = FaultOverlay::uniform(geometry, field, rate);
                overlay.apply(0, read);
                EXPECT_EQ(read, expected) << "rate " << rate;
                EXPECT_EQ(overlay.failingCells(), cells.size());
            }
        }
    }
}

TEST(FaultOverlay, StuckCellsAreSilentOnDataTheyAgreeWith) {
    const SramGeometry geometry{1, 1, 64, 1};
    const FaultOverlay overlay(geometry, std::vector<FaultyCell>{{0, 1, 1, 0}, {1, 1, 0, 1}});
    EXPECT_EQ(overlay.read(0, 0b01), 0b01U);
    EXPECT_EQ(overlay.read(0, 0b10), 0b01U);
}

TEST(FaultOverlay, ProbabilisticCellsFailAsOftenAsTheySay) {
    const SramGeometry geometry{1, 1, 64, 1};
    const FaultOverlay overlay(geometry, std::vector<FaultyCell>{{5, 1, 0.25F, 0.75F}});
    int from0 = 0;
    int from1 = 0;
    constexpr int kLoads = 10000;
    for (std::uint32_t load = 0; load < kLoads; ++load) {
        const FaultOverlay drawn = overlay.resolved({1, 0, load});
        from0 += drawn.read(0, 0) != 0;
        from1 += drawn.read(0, Word{1} << 5) == 0;
    }
    // Binomial, 4.5 sigma, false alarm 7e-6 each.
    EXPECT_NEAR(from0, 2500, 4.5 * std::sqrt(10000 * 0.25 * 0.75));
    EXPECT_NEAR(from1, 7500, 4.5 * std::sqrt(10000 * 0.25 * 0.75));
}

TEST(FaultOverlay, ALoadCanBeDrawnAgain) {
    const SramGeometry geometry{1, 64, 64, 1};
    const FaultOverlay overlay(geometry, randomCells(geometry, 5, 0.5));
    std::vector<Word> first(geometry.words(), 0x5555);
    std::vector<Word> again = first;
    std::vector<Word> other = first;
    overlay.resolved({1, 2, 3}).apply(0, first);
    overlay.resolved({1, 2, 3}).apply(0, again);
    overlay.resolved({1, 2, 4}).apply(0, other);
    EXPECT_EQ(first, again);
    EXPECT_NE(first, other);
}

}  // namespace
}  // namespace brownout
