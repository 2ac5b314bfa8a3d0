/// Even parity: data bits of a group and its check bit together have an even number of ones.
///
/// Parameters: Width (data bits), Groups (check bits; group i is bits i * Width / Groups and up).
/// Behaviour: the encoder is combinational.
module parity_encoder #(
  parameter int unsigned Width  = 64,
  parameter int unsigned Groups = 1
) (
  input  logic [Width-1:0]  data_i,
  output logic [Groups-1:0] check_o
);
  localparam int unsigned GroupWidth = Width / Groups;

  for (genvar i = 0; i < Groups; i++) begin : g_group
    assign check_o[i] = ^data_i[i*GroupWidth+:GroupWidth];
  end
endmodule
