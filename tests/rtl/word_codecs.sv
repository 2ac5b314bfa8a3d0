/// Encoders and decoders of the codecs without check bits side by side, for word_codecs_test.cpp.
///
/// Ports: en_i and data_i go to all encoders, cells_i to all decoders, cut to their widths. cells_o, data_o and status_o hold
/// the results of codec i of Codecs, in words of width i of Widths, at [64*i +: 64] and [2*i +: 2].
module word_codecs #(
  parameter  int unsigned         Count  = 7,
  parameter  logic [Count*32-1:0] Codecs = {32'd5, 32'd4, 32'd8, 32'd7, 32'd6, 32'd5, 32'd4},
  parameter  logic [Count*32-1:0] Widths = {32'd48, 32'd8, 32'd64, 32'd64, 32'd64, 32'd64, 32'd64}
) (
  input  logic                en_i,
  input  logic [63:0]         data_i,
  input  logic [63:0]         cells_i,
  output logic [Count*64-1:0] cells_o,
  output logic [Count*64-1:0] data_o,
  output logic [Count*2-1:0]  status_o
);
  for (genvar i = 0; i < Count; i++) begin : g_codec
    localparam int unsigned Codec = Codecs[i*32+:32];
    localparam int unsigned Width = Widths[i*32+:32];

    logic [Width-1:0] cells, data;
    logic             check;

    word_encoder #(
      .Codec    (Codec),
      .DataWidth(Width)
    ) u_encoder (
      .en_i,
      .data_i (data_i[Width-1:0]),
      .data_o (cells),
      .check_o(check)
    );
    word_decoder #(
      .Codec    (Codec),
      .DataWidth(Width)
    ) u_decoder (
      .data_i  (cells_i[Width-1:0]),
      .check_i (check),
      .data_o  (data),
      .status_o(status_o[i*2+:2])
    );
    assign cells_o[i*64+:64] = 64'(cells);
    assign data_o[i*64+:64]  = 64'(data);
  end
endmodule
