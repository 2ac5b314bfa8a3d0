// Writes rtl/secded_pkg.sv to standard output, from the table that the C++ protection computes with
// (model/protection/hsiao.h). `cmake --build --preset release --target generate-rtl` writes the
// file; a test fails while the committed one differs.

#include <cstdint>
#include <cstdio>

#include "model/protection/hsiao.h"

using brownout::kHsiaoColumns;
using brownout::kHsiaoRows;

namespace {

const char kHead[] =
    R"(// Written by tools/generate/secded_package.cpp from model/protection/hsiao.h: don't edit.

/// Parity check matrix of the (72,64) Hsiao code, which corrects single errors and detects double errors.
///
/// Columns: the syndrome of an error in data bit i is Columns[8*i +: 8]; that of check bit j is 1 << j.
/// RowMasks: check bit r is ^(data & RowMasks[64*r +: 64]).
/// A word of fewer bits uses the first columns, and the low bits of each row.
package secded_pkg;

)";

}  // namespace

int main() {
    std::fputs(kHead, stdout);
    std::fputs(
        "  // From column 63 down to column 0.\n"
        "  localparam logic [64*8-1:0] Columns = {",
        stdout);
    for (std::size_t i = 64; i-- > 0;) {
        std::printf("%s8'h%02x%s", i % 8 == 7 ? "\n    " : " ", kHsiaoColumns[i], i > 0 ? "," : "");
    }
    std::fputs(
        "\n  };\n\n  // From row 7 down to row 0.\n"
        "  localparam logic [8*64-1:0] RowMasks = {",
        stdout);
    for (std::size_t r = 8; r-- > 0;) {
        std::printf("\n    64'h%016llx%s", static_cast<unsigned long long>(kHsiaoRows[r]),
                    r > 0 ? "," : "");
    }
    std::fputs("\n  };\n\nendpackage\n", stdout);
    return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 ? 0 : 1;
}
