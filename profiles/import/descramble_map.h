#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/geometry.h"

namespace brownout {

/// One bit of a row, a column-mux position or an array, from the bits of an address: the parity of
/// the masked address, inverted or not.
struct AddressBit {
    std::uint64_t mask = 0;
    bool inverted = false;
};

/// Some rows or columns: those listed and every odd or even one.
struct Lines {
    std::vector<std::uint32_t> listed;
    bool odd = false, even = false;
};

/// The description of a macro in a map file or on the command line; everything absent follows from
/// the rest (IMPORT.md).
struct MapDescription {
    std::string name = "geometry";  ///< name of the description in errors
    std::optional<std::uint32_t> arrays, rows, columns, columnMux, wordBits, wordsPerBlock;
    /// Bits of the address, least significant first; all empty: arrays are blocks, rows and mux
    /// positions count up.
    std::vector<AddressBit> rowBits, selectBits, arrayBits;
    std::vector<std::uint32_t> bitOrder;  ///< bit of the dump -> bit of the word; empty: the same
    bool msbFirst = false;                ///< order of bit_order: counts down
    bool blockedColumns = false;          ///< words side by side instead of interleaved bit by bit
    std::vector<std::uint32_t> rowOrder, columnOrder, arrayOrder;  ///< permutations; empty: none
    std::vector<std::uint32_t> spareRows;     ///< rows of the dump that the profile leaves out
    Lines complementRows, complementColumns;  ///< lines of the profile
};

/// A bit of a dump: block (one macro's address space), address in it, bit of the word there.
struct DumpBit {
    std::uint32_t block = 0;
    std::uint32_t address = 0;
    std::uint32_t bit = 0;
};

/// The cell of a bit of a dump.
struct MappedCell {
    CellAddress cell;
    bool complement = false;  ///< the cell stores the opposite of the bit: directions swap
};

/// The shape of the words that a format delivers, where the map is silent.
struct DumpShape {
    std::optional<std::uint32_t> wordBits;
    std::optional<std::uint32_t> wordsPerBlock;
};

/// The way from address and bit of a dump to array, row and column: checked to be one to one and
/// onto.
class DescrambleMap {
 public:
    /// Makes the map of a description. `shape` is what the file or the options say. Throws Error
    /// naming the map and what doesn't fit, or two bits of the dump that become one cell.
    DescrambleMap(MapDescription description, const DumpShape& shape);

    const std::string& name() const { return map_.name; }
    std::uint32_t wordBits() const { return wordBits_; }
    std::uint32_t wordsPerBlock() const { return wordsPerBlock_; }
    std::uint32_t arraysPerBlock() const { return arraysPerBlock_; }
    /// Returns the stated number of arrays, if any.
    std::optional<std::uint32_t> arrays() const { return map_.arrays; }

    /// Returns the stated number of arrays as blocks, if any.
    std::optional<std::uint64_t> statedBlocks() const;

    /// Returns the geometry of a chip whose dump has `blocks` blocks. Throws Error if the map says
    /// otherwise.
    SramGeometry geometry(std::uint64_t blocks) const;

    /// Returns the place of a bit of the dump; nothing in a spare row. The bit must be in range.
    std::optional<MappedCell> place(const DumpBit& bit) const;

    /// Returns the bit that lies at a row and column of a block's `array`-th array if nothing is
    /// scrambled, for formats that name rows and columns.
    DumpBit bitAt(std::uint32_t block, std::uint32_t row, std::uint32_t column) const;

    /// Returns which bit of the dump's words the cells of a column hold.
    std::uint32_t bitOfColumn(std::uint32_t column) const { return bitOfColumn_[column]; }
    /// Returns whether the cell of a row and column of the profile holds the opposite of that bit.
    bool complement(std::uint32_t row, std::uint32_t column) const {
        return (!complementRow_.empty() && complementRow_[row]) !=
               (!complementColumn_.empty() && complementColumn_[column]);
    }
    bool hasComplement() const { return !complementRow_.empty() || !complementColumn_.empty(); }
    bool reordersArrays() const { return !map_.arrayOrder.empty(); }

    /// Returns the number of rows that formats name, spare rows included.
    std::uint32_t dumpRows() const { return wordsPerBlock_ / mux_; }
    /// Returns the number of columns that formats name.
    std::uint32_t columns() const { return columns_; }

 private:
    void deduceShape(const DumpShape& shape);
    std::vector<bool> flags(const Lines& lines, std::uint32_t count, const std::string& what) const;
    void checkOrders() const;
    void checkAddressBits() const;
    std::uint32_t columnOf(std::uint32_t bit, std::uint32_t select) const;
    [[noreturn]] void fail(const std::string& problem) const;

    MapDescription map_;
    std::uint32_t rows_ = 0;  // of an array of the profile
    std::uint32_t columns_ = 0;
    std::uint32_t mux_ = 1;
    std::uint32_t wordBits_ = 0;
    std::uint32_t wordsPerBlock_ = 0;
    std::uint32_t arraysPerBlock_ = 1;
    std::vector<bool> complementRow_, complementColumn_;  // empty: none
    std::vector<std::uint8_t> bitOfColumn_;
};

}  // namespace brownout
