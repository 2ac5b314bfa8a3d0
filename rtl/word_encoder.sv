/// Check bits of a word under the codec chosen by a parameter.
///
/// Parameters: Codec (weight_buffer_pkg::Codec*), DataWidth, CheckBits (those of the codec, 1 if it has none).
/// Behaviour: combinational. check_o is zero unless en_i (nothing toggles in vain), and if the codec has no check bits.
module word_encoder #(
  parameter int unsigned Codec     = 0,
  parameter int unsigned DataWidth = 64,
  parameter int unsigned CheckBits = 1
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
    secded_72_64_encoder u_encoder (
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
