// Written by tools/generate/code_package.cpp from model/protection/hsiao.h: don't edit.

/// Parity check matrix of the (72,64) Hsiao code, which corrects single errors and detects double errors.
///
/// Columns: the syndrome of an error in data bit i is Columns[8*i +: 8]; that of check bit j is 1 << j.
/// RowMasks: check bit r is ^(data & RowMasks[64*r +: 64]).
/// A word of fewer bits uses the first columns, and the low bits of each row.
package secded_pkg;

  // From column 63 down to column 0.
  localparam logic [64*8-1:0] Columns = {
    8'h8f, 8'hc7, 8'he3, 8'hf1, 8'hf8, 8'h7c, 8'h3e, 8'h1f,
    8'he0, 8'hd0, 8'hc8, 8'hc4, 8'hc2, 8'hc1, 8'hb0, 8'ha8,
    8'ha4, 8'ha2, 8'ha1, 8'h98, 8'h94, 8'h92, 8'h91, 8'h8c,
    8'h8a, 8'h89, 8'h86, 8'h85, 8'h83, 8'h70, 8'h68, 8'h64,
    8'h62, 8'h61, 8'h58, 8'h54, 8'h52, 8'h51, 8'h4c, 8'h4a,
    8'h49, 8'h46, 8'h45, 8'h43, 8'h38, 8'h34, 8'h32, 8'h31,
    8'h2c, 8'h2a, 8'h29, 8'h26, 8'h25, 8'h23, 8'h1c, 8'h1a,
    8'h19, 8'h16, 8'h15, 8'h13, 8'h0e, 8'h0d, 8'h0b, 8'h07
  };

  // From row 7 down to row 0.
  localparam logic [8*64-1:0] RowMasks = {
    64'hf8fffff800000000,
    64'h7cfc0007fff00000,
    64'h3e83e007c00ffc00,
    64'h1f421e043c0f03f0,
    64'h8f2111c22388e38e,
    64'hc710893112649a6d,
    64'he30844a88952555b,
    64'hf104225844b12cb7
  };

endpackage
