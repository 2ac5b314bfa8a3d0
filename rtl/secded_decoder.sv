/// SECDED (Hsiao), reading side: one wrong bit of the Width + 8 is corrected, two are detected.
///
/// Parameters: Width (data bits, 8 to 64).
/// Ports: status_o is 0 (clean), 1 (corrected; the wrong bit may be a check bit) or 2 (detected: data_o are the data
/// as read). Three or more errors may be taken for one and miscorrected.
/// Behaviour: the decoder is combinational. A syndrome that is a column of the code names the wrong bit; columns have odd
/// weight, so two errors, whose syndrome has even weight, never name one. A syndrome that names a bit which a word of
/// Width bits lacks is detected.
module secded_decoder #(
  parameter int unsigned Width = 64
) (
  input  logic [Width-1:0] data_i,
  input  logic [7:0]       check_i,
  output logic [Width-1:0] data_o,
  output logic [1:0]       status_o
);
  logic [7:0]       check, syndrome;
  logic [Width-1:0] wrong_data;
  logic             wrong_check;

  secded_encoder #(
    .Width(Width)
  ) u_encoder (
    .data_i,
    .check_o(check)
  );

  assign syndrome = check ^ check_i;

  // A clean word, by far the most frequent, costs a simulator one comparison.
  always_comb begin : name_the_wrong_bit
    int i;
    i           = 0;
    wrong_data  = '0;
    wrong_check = 1'b0;
    if (syndrome != '0) begin
      for (i = 0; i < Width; i = i + 1) begin
        wrong_data[i] = (syndrome == secded_pkg::Columns[i*8+:8]);
      end
      for (i = 0; i < 8; i = i + 1) begin
        if (syndrome == 8'd1 << i) wrong_check = 1'b1;
      end
    end
  end

  always_comb begin
    status_o = weight_buffer_pkg::StatusClean;
    if (syndrome != '0) begin
      if (wrong_check || wrong_data != '0) status_o = weight_buffer_pkg::StatusCorrected;
      else status_o = weight_buffer_pkg::StatusDetected;
    end
  end

  assign data_o = data_i ^ wrong_data;
endmodule
