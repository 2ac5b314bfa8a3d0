/// SECDED (Hsiao), writing side: 8 check bits for a word of Width bits.
///
/// Parameters: Width (data bits, 8 to 64). A word of fewer than 64 bits is a word of 64 whose missing high bits are zero.
/// Behaviour: the encoder is combinational. The code is the table of secded_pkg, which is generated from the C++ codec's.
module secded_encoder #(
  parameter int unsigned Width = 64
) (
  input  logic [Width-1:0] data_i,
  output logic [7:0]       check_o
);
  for (genvar i = 0; i < 8; i++) begin : g_check
    assign check_o[i] = ^(data_i & secded_pkg::RowMasks[i*64+:Width]);
  end

`ifndef SYNTHESIS
  initial begin
    if (Width < 8 || Width > 64) $fatal(1, "secded_encoder: Width is %0d, not 8 to 64", Width);
  end
`endif
endmodule
