#pragma once

#include <array>
#include <cstdint>

namespace brownout {

/// Makes the table of the (72,64) code of Hsiao (1970) that every part of Brownout uses: it is the
/// one description of the code. The C++ protection computes with it, and `tools/generate` writes
/// the package of the RTL from it.
///
/// Column i of the parity check matrix is the syndrome of an error in data bit i; the column of
/// check bit j is 1 << j. All columns have an odd number of ones, so an error of two bits, whose
/// syndrome has an even number, is never taken for one of one bit. The rule: the 56 bytes of three
/// ones, ascending, then 0x1F and its seven rotations to the left. Every row has 26 ones (21 of the
/// bytes of three ones, 5 of the rotations), the least that 64 such columns can have evenly, and so
/// the shallowest trees of exclusive ors.
constexpr std::array<std::uint8_t, 64> makeHsiaoColumns() {
    std::array<std::uint8_t, 64> columns{};
    unsigned count = 0;
    for (unsigned byte = 0; byte < 256; ++byte) {
        unsigned ones = 0;
        for (unsigned bit = 0; bit < 8; ++bit) ones += byte >> bit & 1U;
        if (ones == 3) columns[count++] = static_cast<std::uint8_t>(byte);
    }
    for (unsigned turn = 0; turn < 8; ++turn) {
        columns[count++] = static_cast<std::uint8_t>(0x1FU << turn | 0x1FU >> (8 - turn));
    }
    return columns;
}

constexpr std::array<std::uint8_t, 64> kHsiaoColumns = makeHsiaoColumns();

/// Makes the rows of the matrix over the data bits: check bit r is the parity of data &
/// kHsiaoRows[r].
constexpr std::array<std::uint64_t, 8> makeHsiaoRows() {
    std::array<std::uint64_t, 8> rows{};
    for (unsigned bit = 0; bit < 64; ++bit) {
        for (unsigned row = 0; row < 8; ++row) {
            rows[row] |= std::uint64_t{kHsiaoColumns[bit] >> row & 1U} << bit;
        }
    }
    return rows;
}

constexpr std::array<std::uint64_t, 8> kHsiaoRows = makeHsiaoRows();

}  // namespace brownout
