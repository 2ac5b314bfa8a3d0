/// SECDED encoders and decoders of several widths side by side, for secded_widths_test.cpp.
///
/// Ports: data_i and check_i go to all of them, cut to their widths. check_o, data_o and status_o hold the results of
/// width i of Widths at [8*i +: 8], [64*i +: 64] and [2*i +: 2].
module secded_widths #(
  parameter  int unsigned         Count  = 5,
  parameter  logic [Count*32-1:0] Widths = {32'd64, 32'd41, 32'd32, 32'd16, 32'd8}
) (
  input  logic [63:0]         data_i,
  input  logic [7:0]          check_i,
  output logic [Count*8-1:0]  check_o,
  output logic [Count*64-1:0] data_o,
  output logic [Count*2-1:0]  status_o
);
  for (genvar i = 0; i < Count; i++) begin : g_width
    localparam int unsigned Width = Widths[i*32+:32];

    logic [Width-1:0] data;

    secded_encoder #(
      .Width(Width)
    ) u_encoder (
      .data_i (data_i[Width-1:0]),
      .check_o(check_o[i*8+:8])
    );
    secded_decoder #(
      .Width(Width)
    ) u_decoder (
      .data_i  (data_i[Width-1:0]),
      .check_i,
      .data_o  (data),
      .status_o(status_o[i*2+:2])
    );
    assign data_o[i*64+:64] = 64'(data);
  end
endmodule
