/// Check bits of a word under the codec chosen by a parameter.
///
/// Parameters: Codec (weight_buffer_pkg::Codec*), DataWidth. CheckBits is 1 if the codec has no check bits.
/// Behaviour: the encoder is combinational. check_o is zero unless en_i is high (nothing toggles in vain), and zero if the codec
/// has no check bits.
module word_encoder #(
  parameter  int unsigned Codec     = 0,
  parameter  int unsigned DataWidth = 64,
  localparam int unsigned CheckBits =
      weight_buffer_pkg::signal_width(weight_buffer_pkg::check_width(Codec, DataWidth))
) (
  input  logic                 en_i,
  input  logic [DataWidth-1:0] data_i,
  output logic [CheckBits-1:0] check_o
);
  logic [CheckBits-1:0] check;

  if (Codec == weight_buffer_pkg::CodecNone) begin : g_none
    logic unused;
    assign check  = '0;
    assign unused = ^data_i;
  end else if (Codec == weight_buffer_pkg::CodecSecded) begin : g_secded
    secded_encoder #(
      .Width(DataWidth)
    ) u_encoder (
      .data_i,
      .check_o(check)
    );
  end else begin : g_parity
    parity_encoder #(
      .Width (DataWidth),
      .Groups(CheckBits)
    ) u_encoder (
      .data_i,
      .check_o(check)
    );
  end

  always_comb begin
    check_o = '0;
    if (en_i) check_o = check;
  end
endmodule
