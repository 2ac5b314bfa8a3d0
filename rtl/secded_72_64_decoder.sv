/// SECDED (72, 64), Hsiao, reading side: one wrong bit of the 72 is corrected, two are detected.
///
/// Ports: status_o is 0 (clean), 1 (corrected; the wrong bit may be a check bit) or 2 (detected: data_o are the data
/// as read). Three or more errors may be taken for one and miscorrected.
/// Behaviour: combinational. A syndrome that is a column of the code names the wrong bit; columns have odd
/// weight, so two errors, whose syndrome has even weight, never name one.
module secded_72_64_decoder (
  input  logic [63:0] data_i,
  input  logic [7:0]  check_i,
  output logic [63:0] data_o,
  output logic [1:0]  status_o
);
  logic [7:0]  check, syndrome;
  logic [63:0] wrong_data;
  logic        wrong_check;

  secded_72_64_encoder u_encoder (
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
      for (i = 0; i < 64; i = i + 1) begin
        wrong_data[i] = (syndrome == secded_72_64_pkg::Columns[i*8+:8]);
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
