// Writes the SystemVerilog package of an error correcting code to standard output, from the table
// that the C++ protection computes with. `cmake --build --preset release --target generate-rtl`
// writes the files; a test fails while a committed one differs.
//
//     generate-code-package secded          rtl/secded_pkg.sv
//     generate-code-package in-place-ecc    rtl/in_place_ecc_pkg.sv

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "model/protection/hsiao.h"
#include "model/protection/in_place_ecc.h"

namespace {

/// A parity check matrix of 64 columns, and what its package says besides.
struct Code {
    const char* name;
    const char* head;
    const std::array<std::uint8_t, 64>& columns;
    std::size_t rows;
    bool checkInWord;  ///< 64 columns for data and check bits, not for data alone
};

const Code kCodes[] = {
    {"secded",
     R"(// Written by tools/generate/code_package.cpp from model/protection/hsiao.h: don't edit.

/// Parity check matrix of the (72,64) Hsiao code, which corrects single errors and detects double errors.
///
/// Columns: the syndrome of an error in data bit i is Columns[8*i +: 8]; that of check bit j is 1 << j.
/// RowMasks: check bit r is ^(data & RowMasks[64*r +: 64]).
/// A word of fewer bits uses the first columns, and the low bits of each row.
package secded_pkg;

)",
     brownout::kHsiaoColumns, 8, false},
    {"in-place-ecc",
     R"(// Written by tools/generate/code_package.cpp from model/protection/in_place_ecc.h: don't edit.

/// Parity check matrix of the (64,57) code whose check bits lie among the data, check bit j in bit 8 * j + 6 of the word.
///
/// Columns: the syndrome of an error in bit i of the stored word is Columns[7*i +: 7], a pattern with an odd number of ones.
/// RowMasks: bit r of the syndrome is ^(word & RowMasks[64*r +: 64]).
/// CheckCells: ones where check bits are stored.
package in_place_ecc_pkg;

)",
     brownout::kInPlaceColumns, 7, true},
};

void printColumns(const Code& code) {
    std::printf(
        "  // From column 63 down to column 0.\n  localparam logic [64*%zu-1:0] Columns = {",
        code.rows);
    for (std::size_t i = 64; i-- > 0;) {
        std::printf("%s%zu'h%02x%s", i % 8 == 7 ? "\n    " : " ", code.rows, code.columns[i],
                    i > 0 ? "," : "");
    }
    std::printf("\n  };\n");
}

void printRows(const Code& code) {
    std::printf(
        "\n  // From row %zu down to row 0.\n"
        "  localparam logic [%zu*64-1:0] RowMasks = {",
        code.rows - 1, code.rows);
    for (std::size_t r = code.rows; r-- > 0;) {
        unsigned long long mask = 0;
        for (std::size_t i = 0; i < 64; ++i) mask |= (code.columns[i] >> r & 1ULL) << i;
        std::printf("\n    64'h%016llx%s", mask, r > 0 ? "," : "");
    }
    std::printf("\n  };\n");
}

/// Prints a mask of the columns of check bits: those with a single one.
void printCheckCells(const Code& code) {
    unsigned long long mask = 0;
    for (std::size_t i = 0; i < 64; ++i) {
        const bool single = (code.columns[i] & (code.columns[i] - 1U)) == 0;
        mask |= static_cast<unsigned long long>(single) << i;
    }
    std::printf("\n  localparam logic [63:0] CheckCells = 64'h%016llx;\n", mask);
}

}  // namespace

int main(int count, char** arguments) {
    for (const Code& code : kCodes) {
        if (count != 2 || std::strcmp(arguments[1], code.name) != 0) continue;
        std::fputs(code.head, stdout);
        printColumns(code);
        printRows(code);
        if (code.checkInWord) printCheckCells(code);
        std::printf("\nendpackage\n");
        return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 ? 0 : 1;
    }
    std::fputs("usage: generate-code-package secded|in-place-ecc\n", stderr);
    return 2;
}
