#include "model/geometry.h"

#include <string>

#include "base/error.h"

namespace brownout {

void SramGeometry::validate() const {
    const std::string shape = std::to_string(arrays) + " arrays of " + std::to_string(rows) +
                              " x " + std::to_string(columns) + ", column mux " +
                              std::to_string(columnMux);
    if (arrays == 0 || rows == 0 || columns == 0 || columnMux == 0) {
        throw Error("SRAM geometry", shape + ": every count must be at least 1");
    }
    if (columns % columnMux != 0) {
        throw Error("SRAM geometry", shape + ": the column mux must divide the columns");
    }
    if (wordBits() > 64) {
        throw Error("SRAM geometry", shape + ": a word has " + std::to_string(wordBits()) +
                                         " bits; at most 64 are supported");
    }
    constexpr std::uint64_t kMostCells = std::uint64_t{1} << 32;
    if (cellsPerArray() > kMostCells || cells() / arrays != cellsPerArray() ||
        cells() > kMostCells) {
        throw Error("SRAM geometry", shape + ": more than 2^32 cells");
    }
}

CellAddress addressOfCell(const SramGeometry& geometry, std::uint64_t cell) {
    const std::uint64_t row = cell / geometry.columns;
    return {static_cast<std::uint32_t>(row / geometry.rows),
            static_cast<std::uint32_t>(row % geometry.rows),
            static_cast<std::uint32_t>(cell % geometry.columns)};
}

std::uint64_t cellAt(const SramGeometry& geometry, const CellAddress& address) {
    return (std::uint64_t{address.array} * geometry.rows + address.row) * geometry.columns +
           address.column;
}

bool operator==(const SramGeometry& a, const SramGeometry& b) {
    return a.arrays == b.arrays && a.rows == b.rows && a.columns == b.columns &&
           a.columnMux == b.columnMux;
}

}  // namespace brownout
