#include "model/geometry.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "base/error.h"

namespace brownout {
namespace {

class EveryGeometry : public testing::TestWithParam<SramGeometry> {};

TEST_P(EveryGeometry, NamesEachCellOnceByWordAndBit) {
    const SramGeometry geometry = GetParam();
    geometry.validate();
    std::set<std::pair<std::uint64_t, std::uint32_t>> seen;
    for (std::uint64_t cell = 0; cell < geometry.cells(); ++cell) {
        const std::uint64_t word = geometry.wordOfCell(cell);
        const std::uint32_t bit = geometry.bitOfCell(cell);
        ASSERT_LT(word, geometry.words());
        ASSERT_LT(bit, geometry.wordBits());
        ASSERT_EQ(geometry.cellOfBit(word, bit), cell);
        ASSERT_TRUE(seen.insert({word, bit}).second);
        ASSERT_EQ(cellAt(geometry, addressOfCell(geometry, cell)), cell);
    }
}

INSTANTIATE_TEST_SUITE_P(Geometries, EveryGeometry,
                         testing::Values(SramGeometry{2, 8, 64, 1}, SramGeometry{3, 4, 32, 4},
                                         SramGeometry{1, 5, 12, 2}, SramGeometry{2, 3, 7, 7},
                                         SramGeometry{1, 2, 128, 2}));

TEST(Geometry, InterleavesTheWordsOfARowAsBitlinesDo) {
    const SramGeometry geometry{1, 4, 8, 2};
    // Row 1 starts at cell 8; its words are 2 (even columns) and 3 (odd columns).
    EXPECT_EQ(geometry.wordOfCell(8 + 0), 2U);
    EXPECT_EQ(geometry.wordOfCell(8 + 1), 3U);
    EXPECT_EQ(geometry.bitOfCell(8 + 4), 2U);
    EXPECT_EQ(geometry.bitOfCell(8 + 5), 2U);
}

TEST(Geometry, TheReferenceChipHasTwoToTheTwentyCells) {
    EXPECT_EQ((SramGeometry{32, 512, 64, 1}.cells()), 1U << 20);
}

TEST(Geometry, RefusesWhatCannotBe) {
    EXPECT_THROW((SramGeometry{0, 512, 64, 1}.validate()), Error);
    EXPECT_THROW((SramGeometry{1, 512, 64, 3}.validate()), Error);
    EXPECT_THROW((SramGeometry{1, 512, 128, 1}.validate()), Error);
    EXPECT_THROW((SramGeometry{1U << 31, 1U << 31, 64, 1}.validate()), Error);
    EXPECT_THROW((SramGeometry{0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFC0, 0x3FFFFFF}.validate()), Error);
    EXPECT_NO_THROW((SramGeometry{131072, 512, 64, 1}.validate()));
}

}  // namespace
}  // namespace brownout
