// Written by tools/generate/code_package.cpp from model/protection/in_place_ecc.h: don't edit.

/// Parity check matrix of the (64,57) code whose check bits lie among the data, check bit j in bit 8 * j + 6 of the word.
///
/// Columns: the syndrome of an error in bit i of the stored word is Columns[7*i +: 7], a pattern with an odd number of ones.
/// RowMasks: bit r of the syndrome is ^(word & RowMasks[64*r +: 64]).
/// CheckCells: ones where check bits are stored.
package in_place_ecc_pkg;

  // From column 63 down to column 0.
  localparam logic [64*7-1:0] Columns = {
    7'h7f, 7'h7c, 7'h7a, 7'h79, 7'h76, 7'h75, 7'h73, 7'h70,
    7'h6e, 7'h40, 7'h6d, 7'h6b, 7'h68, 7'h67, 7'h64, 7'h62,
    7'h61, 7'h20, 7'h5e, 7'h5d, 7'h5b, 7'h58, 7'h57, 7'h54,
    7'h52, 7'h10, 7'h51, 7'h4f, 7'h4c, 7'h4a, 7'h49, 7'h46,
    7'h45, 7'h08, 7'h43, 7'h3e, 7'h3d, 7'h3b, 7'h38, 7'h37,
    7'h34, 7'h04, 7'h32, 7'h31, 7'h2f, 7'h2c, 7'h2a, 7'h29,
    7'h26, 7'h02, 7'h25, 7'h23, 7'h1f, 7'h1c, 7'h1a, 7'h19,
    7'h16, 7'h01, 7'h15, 7'h13, 7'h0e, 7'h0d, 7'h0b, 7'h07
  };

  // From row 6 down to row 0.
  localparam logic [7*64-1:0] RowMasks = {
    64'hffffbfbfa0000000,
    64'hffbfc0001fbfb000,
    64'hff003fe01fb00fb0,
    64'hf0b83c1e5e0f0f0e,
    64'hcca6331999ccacad,
    64'haa952a95352ada9b,
    64'h96349a32ad193977
  };

  localparam logic [63:0] CheckCells = 64'h0040404040404040;

endpackage
