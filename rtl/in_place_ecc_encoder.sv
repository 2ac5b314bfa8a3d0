/// In-place ECC, writing side: a word of 64 bits whose check bits lie among its data.
///
/// Ports: data_o is data_i with bit 6 of byte j replaced by check bit j, j = 0 to 6. Data survive only if that bit repeats the
/// byte's bit 7, as it does in weights from -64 to 63; what software doesn't hold in this range reads as another weight.
/// Behaviour: the encoder is combinational. The code is the table of in_place_ecc_pkg, which is generated from the C++ codec's.
module in_place_ecc_encoder (
  input  logic [63:0] data_i,
  output logic [63:0] data_o
);
  logic [6:0] check;

  for (genvar i = 0; i < 7; i++) begin : g_check
    assign check[i] = ^(data_i & in_place_ecc_pkg::RowMasks[i*64+:64] & ~in_place_ecc_pkg::CheckCells);
    assign data_o[i*8+:8] = {data_i[i*8+7], check[i], data_i[i*8+:6]};
  end

  assign data_o[63:56] = data_i[63:56];
endmodule
