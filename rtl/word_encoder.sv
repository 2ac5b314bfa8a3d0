/// Cells of a word, its data and check bits, under the codec chosen by a parameter.
///
/// Parameters: Codec (weight_buffer_pkg::Codec*), DataWidth. CheckBits is 1 if the codec has no check bits.
/// Ports: data_o goes to the cells of the word. It differs from data_i for in-place ECC only, whose check bits lie there.
/// Behaviour: the encoder is combinational. Unless en_i is high, data_o is data_i and check_o is zero (nothing toggles in vain).
/// check_o is zero if the codec has no check bits.
module word_encoder #(
  parameter  int unsigned Codec     = 0,
  parameter  int unsigned DataWidth = 64,
  localparam int unsigned CheckBits =
      weight_buffer_pkg::signal_width(weight_buffer_pkg::check_width(Codec, DataWidth))
) (
  input  logic                 en_i,
  input  logic [DataWidth-1:0] data_i,
  output logic [DataWidth-1:0] data_o,
  output logic [CheckBits-1:0] check_o
);
  logic [DataWidth-1:0] data;
  logic [CheckBits-1:0] check;

  if (Codec == weight_buffer_pkg::CodecSecded) begin : g_secded
    assign data = data_i;

    secded_encoder #(
      .Width(DataWidth)
    ) u_encoder (
      .data_i,
      .check_o(check)
    );
  end else if (Codec == weight_buffer_pkg::CodecInPlaceEcc) begin : g_in_place_ecc
    assign check = '0;

    in_place_ecc_encoder u_encoder (
      .data_i,
      .data_o(data)
    );
  end else if (weight_buffer_pkg::check_width(Codec, DataWidth) == 0) begin : g_none
    assign data  = data_i;
    assign check = '0;
  end else begin : g_parity
    assign data = data_i;

    parity_encoder #(
      .Width (DataWidth),
      .Groups(CheckBits)
    ) u_encoder (
      .data_i,
      .check_o(check)
    );
  end

  always_comb begin
    data_o  = data_i;
    check_o = '0;
    if (en_i) begin
      data_o  = data;
      check_o = check;
    end
  end
endmodule
