/// Data and status of a coded word under the codec chosen by a parameter.
///
/// Parameters: Codec (weight_buffer_pkg::Codec*), DataWidth. CheckBits is 1 if the codec has no check bits.
/// Ports: status_o is 0 (clean), 1 (corrected) or 2 (detected); the decoder of the codec says what data_o is then.
/// Behaviour: the decoder is combinational. Opportunistic parity is parity whose check bits are all zero, since software has
/// made the data even.
module word_decoder #(
  parameter  int unsigned Codec     = 0,
  parameter  int unsigned DataWidth = 64,
  localparam int unsigned CheckBits =
      weight_buffer_pkg::signal_width(weight_buffer_pkg::check_width(Codec, DataWidth))
) (
  input  logic [DataWidth-1:0] data_i,
  input  logic [CheckBits-1:0] check_i,
  output logic [DataWidth-1:0] data_o,
  output logic [1:0]           status_o
);
  localparam int unsigned Groups = DataWidth / weight_buffer_pkg::group_width(Codec, DataWidth);

  if (weight_buffer_pkg::check_width(Codec, DataWidth) == 0) begin : g_no_check
    logic unused;
    assign unused = ^check_i;
  end

  if (Codec == weight_buffer_pkg::CodecNone) begin : g_none
    assign data_o   = data_i;
    assign status_o = weight_buffer_pkg::StatusClean;
  end else if (Codec == weight_buffer_pkg::CodecSecded) begin : g_secded
    secded_decoder #(
      .Width(DataWidth)
    ) u_decoder (
      .data_i,
      .check_i,
      .data_o,
      .status_o
    );
  end else if (Codec == weight_buffer_pkg::CodecInPlaceEcc) begin : g_in_place_ecc
    in_place_ecc_decoder u_decoder (
      .data_i,
      .data_o,
      .status_o
    );
  end else if (weight_buffer_pkg::check_width(Codec, DataWidth) == 0) begin : g_opportunistic_parity
    parity_decoder #(
      .Width (DataWidth),
      .Groups(Groups)
    ) u_decoder (
      .data_i,
      .check_i('0),
      .data_o,
      .status_o
    );
  end else begin : g_parity
    parity_decoder #(
      .Width (DataWidth),
      .Groups(Groups)
    ) u_decoder (
      .data_i,
      .check_i,
      .data_o,
      .status_o
    );
  end
endmodule
