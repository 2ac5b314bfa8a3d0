#pragma once

#include <cstdint>

namespace brownout {

/// One row's worth of bits as the memory's port sees them: at most 64, the rest zero. Bit 0 is the
/// least significant one.
using Word = std::uint64_t;

/// The arrays of one chip. An array is `rows` x `columns` cells; with a column mux of k a row holds
/// k words whose bits are interleaved, as the bitlines of a real macro are: bit i of word j of a
/// row is in column i*k + j.
///
/// Cells are numbered array by array, row by row, column by column; words array by array, row by
/// row, then by their place in the row. Both numbers are dense and start at 0.
struct SramGeometry {
    std::uint32_t arrays = 1;
    std::uint32_t rows = 512;
    std::uint32_t columns = 64;
    std::uint32_t columnMux = 1;

    std::uint32_t wordBits() const { return columns / columnMux; }
    std::uint64_t wordsPerArray() const { return std::uint64_t{rows} * columnMux; }
    std::uint64_t words() const { return wordsPerArray() * arrays; }
    std::uint64_t cellsPerArray() const { return std::uint64_t{rows} * columns; }
    std::uint64_t cells() const { return cellsPerArray() * arrays; }

    std::uint64_t wordOfCell(std::uint64_t cell) const {
        return cell / columns * columnMux + cell % columns % columnMux;
    }
    std::uint32_t bitOfCell(std::uint64_t cell) const {
        return static_cast<std::uint32_t>(cell % columns / columnMux);
    }
    std::uint64_t cellOfBit(std::uint64_t word, std::uint32_t bit) const {
        return word / columnMux * columns + std::uint64_t{bit} * columnMux + word % columnMux;
    }

    /// Checks the geometry. Throws Error if a count is zero, the mux doesn't divide the columns, a
    /// word has more than 64 bits, or there are more than 2^32 cells (512 MiB), which cell numbers
    /// can't name.
    void validate() const;
};

/// The place of a cell, in the terms of the floor plan.
struct CellAddress {
    std::uint32_t array = 0;
    std::uint32_t row = 0;
    std::uint32_t column = 0;
};

/// Returns the place of the cell with the number `cell`.
CellAddress addressOfCell(const SramGeometry& geometry, std::uint64_t cell);
/// Returns the number of the cell at `address`.
std::uint64_t cellAt(const SramGeometry& geometry, const CellAddress& address);

bool operator==(const SramGeometry& a, const SramGeometry& b);
inline bool operator!=(const SramGeometry& a, const SramGeometry& b) { return !(a == b); }

}  // namespace brownout
