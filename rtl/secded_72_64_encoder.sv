/// SECDED (72, 64), Hsiao: 8 check bits for a word of 64.
///
/// The code is the table in secded_72_64_pkg, which is generated from the C++ codec's.
/// Behaviour: combinational.
module secded_72_64_encoder (
  input  logic [63:0] data_i,
  output logic [7:0]  check_o
);
  for (genvar i = 0; i < 8; i++) begin : g_check
    assign check_o[i] = ^(data_i & secded_72_64_pkg::RowMasks[i*64+:64]);
  end
endmodule
