#include "profiles/import/descramble_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <tuple>

#include "base/error.h"
#include "profiles/import/descramble_yaml.h"

namespace brownout::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

MapDescription parse(const std::string& yaml) {
    const auto input = memoryInput("map.yaml", yaml);
    return readMap(*input);
}

std::string errorOfMap(const std::string& yaml, const DumpShape& shape = {}) {
    try {
        const DescrambleMap map(parse(yaml), shape);
        map.geometry(map.statedBlocks().value_or(1));
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

MappedCell at(const DescrambleMap& map, std::uint32_t block, std::uint32_t address,
              std::uint32_t bit) {
    return map.place({block, address, bit}).value();
}

using Cell = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
Cell cellOf(const MappedCell& mapped) {
    return {mapped.cell.array, mapped.cell.row, mapped.cell.column};
}

TEST(DescrambleMap, WithoutAMapBitsLieWhereTheGeometryPutsThem) {
    MapDescription none;
    none.columnMux = 4;
    const DescrambleMap map(none, {16, 1024});
    const SramGeometry geometry = map.geometry(3);
    EXPECT_EQ(geometry, (SramGeometry{3, 256, 64, 4}));
    for (std::uint32_t block = 0; block < 3; ++block) {
        for (std::uint32_t address = 0; address < 1024; ++address) {
            for (std::uint32_t bit = 0; bit < 16; ++bit) {
                const MappedCell mapped = at(map, block, address, bit);
                EXPECT_EQ(cellAt(geometry, mapped.cell),
                          geometry.cellOfBit(block * 1024 + address, bit));
                EXPECT_FALSE(mapped.complement);
                const DumpBit back = map.bitAt(block, mapped.cell.row, mapped.cell.column);
                EXPECT_EQ(std::tie(back.block, back.address, back.bit),
                          std::tie(block, address, bit));
            }
        }
    }
}

TEST(DescrambleMap, ReadsEveryKey) {
    const DescrambleMap map(parse(R"(# a macro of two arrays
arrays: 4
rows: 6          # and two spare ones
columns: 8
column_mux: 2
word_bits: 4
words_per_block: 32
address:
  select: [a0]
  row: [a1, a2 ^ a4, a3 ^ 1]
  array: [a4]
bit_order: [2, 0, 3, 1]
column_layout: blocked
row_order: [5, 4, 3, 2, 1, 0]
column_order: [1, 0, 2-7]
array_order: [3, 2, 1, 0]
spare_rows: [0, 7]
complement:
  rows: [0]
  columns: odd
)"),
                            {});
    EXPECT_EQ(map.geometry(2), (SramGeometry{4, 6, 8, 2}));
    // Address 0b10110: select 0, row bits a1 = 1, a2 ^ a4 = 0, not a3 = 1: row 5 of the dump, 4
    // behind one spare row, 1 in the row order. Array 1 of block 1 is 3, in the order 0. Bit 1 is
    // bit 0 of the word: column 0 of the left half, 1 in the column order, which is odd.
    const MappedCell cell = at(map, 1, 0b10110, 1);
    EXPECT_EQ(cellOf(cell), (Cell{0, 1, 1}));
    EXPECT_TRUE(cell.complement);
    EXPECT_EQ(map.bitOfColumn(1), 1U);
    // Row 0 of the dump: not a3 = 0, so a3 = 1, and a4 = a2.
    EXPECT_FALSE(map.place({0, 0b01000, 0}).has_value());
}

TEST(DescrambleMap, MsbFirstReversesTheBitsOfAWord) {
    const DescrambleMap map(parse("bit_order: msb-first"), {8, 4});
    EXPECT_EQ(cellOf(at(map, 0, 2, 0)), (Cell{0, 2, 7}));
    EXPECT_EQ(cellOf(at(map, 0, 2, 7)), (Cell{0, 2, 0}));
}

// The claim that matters: a map that is accepted puts every bit that isn't spare into a cell of its
// own, and leaves no cell empty; one that isn't accepted for a collision has that collision.
TEST(DescrambleMap, AcceptsExactlyTheOneToOneMapsOfAddressBits) {
    std::mt19937_64 random(5);
    int accepted = 0, refused = 0;
    for (int round = 0; round < 400; ++round) {
        MapDescription description;
        const unsigned bits = 1 + random() % 7;
        const unsigned selectBits = random() % (bits + 1 < 3 ? bits + 1 : 3);
        const unsigned arrayBits = random() % (bits - selectBits + 1 < 2 ? 1 : 2);
        const auto some = [&](unsigned count) {
            std::vector<AddressBit> list;
            for (unsigned i = 0; i < count; ++i) {
                list.push_back({random() % (1U << bits), random() % 2 == 0});
            }
            return list;
        };
        description.selectBits = some(selectBits);
        description.arrayBits = some(arrayBits);
        description.rowBits = some(bits - selectBits - arrayBits);
        description.columnMux = 1U << selectBits;
        std::optional<DescrambleMap> map;
        std::string problem;
        try {
            map.emplace(description, DumpShape{3, 1U << bits});
        } catch (const Error& error) {
            problem = error.what();
        }
        if (map) {
            std::set<Cell> cells;
            for (std::uint32_t address = 0; address < 1U << bits; ++address) {
                for (std::uint32_t bit = 0; bit < 3; ++bit) {
                    const MappedCell cell = at(*map, 0, address, bit);
                    EXPECT_TRUE(cells.insert(cellOf(cell)).second);
                    EXPECT_EQ(map->bitOfColumn(cell.cell.column), bit);
                }
            }
            EXPECT_EQ(cells.size(), map->geometry(1).cells());
            ++accepted;
        } else {
            ASSERT_THAT(problem, HasSubstr("is not one to one: addresses 0x0 and 0x"));
            const auto other = static_cast<std::uint32_t>(
                std::stoul(problem.substr(problem.find("and 0x") + 6), nullptr, 16));
            const auto value = [&](const std::vector<AddressBit>& list, std::uint64_t address) {
                std::uint32_t number = 0;
                for (std::size_t i = 0; i < list.size(); ++i) {
                    std::uint64_t parity = list[i].inverted ? 1 : 0;
                    for (unsigned b = 0; b < bits; ++b) parity ^= (list[i].mask & address) >> b & 1;
                    number |= static_cast<std::uint32_t>(parity) << i;
                }
                return number;
            };
            for (const auto* list :
                 {&description.rowBits, &description.selectBits, &description.arrayBits}) {
                EXPECT_EQ(value(*list, 0), value(*list, other)) << problem;
            }
            EXPECT_NE(other, 0U);
            ++refused;
        }
    }
    EXPECT_GT(accepted, 50);
    EXPECT_GT(refused, 50);
}

TEST(DescrambleMap, SaysWhichTwoAddressesCollide) {
    EXPECT_THAT(
        errorOfMap("address:\n  row: [a0, a1, a0 ^ a1]\n", {8, 8}),
        AllOf(HasSubstr("map.yaml: is not one to one: addresses 0x0 and 0x4"), HasSubstr("row 0")));
    EXPECT_THAT(errorOfMap("address:\n  row: [a0, a1]\n", {8, 8}),
                HasSubstr("addresses 0x0 and 0x4"));
}

TEST(DescrambleMap, SaysWhichEntriesOfAnOrderCollide) {
    EXPECT_THAT(errorOfMap("bit_order: [0, 1, 1, 3]", {4, 4}),
                HasSubstr("map.yaml: is not one to one: bit_order has 1 for 1 and for 2"));
    EXPECT_THAT(errorOfMap("row_order: [0, 1, 2]", {4, 4}), HasSubstr("row_order has 3 entries"));
    EXPECT_THAT(errorOfMap("column_order: [0, 1, 2, 4]", {4, 4}), HasSubstr("entry 3 is 4"));
    EXPECT_THAT(errorOfMap("spare_rows: [1, 1]", {4, 4}), HasSubstr("spare row 1 is named twice"));
    EXPECT_THAT(errorOfMap("spare_rows: [9]", {4, 4}), HasSubstr("spare row 9"));
    EXPECT_THAT(errorOfMap("spare_rows: [0-3]", {4, 4}), HasSubstr("don't fill"));
    EXPECT_THAT(errorOfMap("complement: {rows: [4]}", {4, 4}), HasSubstr("complement row 4"));
    EXPECT_THAT(errorOfMap("arrays: 2\narray_order: [1, 1]", {4, 4}),
                HasSubstr("array_order has 1 for 0 and for 1"));
}

TEST(DescrambleMap, NamesTheLineOfWhatIsNoMap) {
    EXPECT_THAT(errorOfMap("rows: 4\ncolums: 8\n"),
                AllOf(HasSubstr("map.yaml:2: unknown key 'colums'"), HasSubstr("columns")));
    EXPECT_THAT(errorOfMap("rows: many"), HasSubstr("map.yaml:1: 'many'; expected a whole number"));
    EXPECT_THAT(errorOfMap("rows: 0"), HasSubstr("at least 1"));
    EXPECT_THAT(errorOfMap("rows: 99999999999"), HasSubstr("expected a whole number"));
    EXPECT_THAT(errorOfMap("rows: 4\nrows: 4\n"), HasSubstr("a second 'rows'"));
    EXPECT_THAT(errorOfMap("address:\n  row: [b0]\n"), HasSubstr("map.yaml:2: 'b0'"));
    EXPECT_THAT(errorOfMap("address: [a0]"), HasSubstr("expected keys and values"));
    EXPECT_THAT(errorOfMap("spare_rows: 3"), HasSubstr("expected a list"));
    EXPECT_THAT(errorOfMap("spare_rows: [7-4]"), HasSubstr("'7-4'"));
    EXPECT_THAT(errorOfMap("bit_order: up"), HasSubstr("lsb-first"));
    EXPECT_THAT(errorOfMap("column_layout: diagonal"), HasSubstr("interleaved or blocked"));
    EXPECT_THAT(errorOfMap("complement: {rows: some}"), HasSubstr("odd, even or a list"));
    EXPECT_THAT(errorOfMap(""), HasSubstr("map.yaml: is empty"));
    EXPECT_THAT(errorOfMap("# nothing\n"), HasSubstr("is empty"));
    EXPECT_THAT(errorOfMap("- 1\n- 2\n"), HasSubstr("expected keys and values"));
    EXPECT_THAT(errorOfMap("rows: [1, 2\n"), HasSubstr("is no YAML"));
    EXPECT_THAT(errorOfMap("rows: &anchor 4"), HasSubstr("map.yaml:1: holds '&'"));
    EXPECT_THAT(errorOfMap("\x89HDF\r\n"), HasSubstr("holds '\\x89'"));
    EXPECT_THAT(errorOfMap(std::string(100, '[')), HasSubstr("nested too deep"));
    EXPECT_THAT(errorOfMap(std::string(5 << 20, '#')), HasSubstr("larger than 4 MiB"));
}

TEST(DescrambleMap, CommentsMayHoldAnything) {
    EXPECT_EQ(errorOfMap("# sp\xC3\xA4t & [[[[[[[[[[[[[[[[[[[[[[\nrows: 4 # *!\n", {4, 4}), "");
}

TEST(DescrambleMap, ChecksThatTheNumbersGoTogether) {
    EXPECT_THAT(errorOfMap("word_bits: 8", {16, 4}), HasSubstr("words have 8 bits"));
    EXPECT_THAT(errorOfMap("words_per_block: 8", {16, 4}), HasSubstr("8 words a block"));
    EXPECT_THAT(errorOfMap("rows: 4"), HasSubstr("number of columns"));
    EXPECT_THAT(errorOfMap("columns: 4"), HasSubstr("number of rows"));
    EXPECT_THAT(errorOfMap("rows: 4\ncolumns: 128"), HasSubstr("a word of 128 bits"));
    EXPECT_THAT(errorOfMap("columns: 24", {16, 4}), HasSubstr("24 columns"));
    EXPECT_THAT(errorOfMap("column_mux: 3", {16, 4}), HasSubstr("don't fill"));
    EXPECT_THAT(errorOfMap("arrays: 5000000\nrows: 1024\ncolumns: 64"), HasSubstr("2^32 cells"));
    EXPECT_THAT(errorOfMap("address: {row: [a0]}", {4, 3}), HasSubstr("power of two"));
    EXPECT_THAT(errorOfMap("address: {row: [a9]}", {4, 4}), HasSubstr("a0 to a1"));
    EXPECT_THAT(errorOfMap("address: {row: [a0, a1, a0]}", {4, 4}), HasSubstr("3 row"));
    EXPECT_THAT(errorOfMap("column_mux: 4\naddress: {select: [a0]}", {4, 4}),
                HasSubstr("1 select bits"));
}

TEST(AddressBit, IsOneOrSeveralWithXor) {
    EXPECT_EQ(parseAddressBit("a3")->mask, 8U);
    EXPECT_EQ(parseAddressBit(" a3 ^ a0 ")->mask, 9U);
    EXPECT_TRUE(parseAddressBit("a3^1")->inverted);
    EXPECT_FALSE(parseAddressBit("1^a3^1")->inverted);
    EXPECT_EQ(parseAddressBit("a3^a3")->mask, 0U);
    for (const char* bad : {"", "a", "b1", "a32", "a-1", "a1^", "^a1", "a1+a2", "a0x1", "2"}) {
        EXPECT_FALSE(parseAddressBit(bad)) << bad;
    }
}

}  // namespace
}  // namespace brownout::test
