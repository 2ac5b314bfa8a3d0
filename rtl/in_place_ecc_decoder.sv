/// In-place ECC, reading side: one wrong bit of 64 is corrected, two are detected.
///
/// Ports: status_o is 0 (clean), 1 (corrected; the wrong bit may be a check bit) or 2 (detected: data_o are the data as read).
/// In data_o bit 6 of bytes 0 to 6, in whose cells check bits lie, repeats bit 7. Three or more errors may be taken for one
/// and miscorrected.
/// Behaviour: the decoder is combinational. A syndrome with an odd number of ones names the wrong bit, for the columns of the
/// code are all 64 patterns of this kind. That of two errors has an even number and never names one.
module in_place_ecc_decoder (
  input  logic [63:0] data_i,
  output logic [63:0] data_o,
  output logic [1:0]  status_o
);
  logic [63:0] wrong, right;
  logic [6:0]  syndrome;

  for (genvar i = 0; i < 7; i++) begin : g_syndrome
    assign syndrome[i] = ^(data_i & in_place_ecc_pkg::RowMasks[i*64+:64]);
  end

  // A clean word, by far the most frequent, costs a simulator one comparison.
  always_comb begin : name_the_wrong_bit
    int i;
    i     = 0;
    wrong = '0;
    if (syndrome != '0) begin
      for (i = 0; i < 64; i = i + 1) begin
        wrong[i] = (syndrome == in_place_ecc_pkg::Columns[i*7+:7]);
      end
    end
  end

  assign right  = data_i ^ wrong;
  assign data_o = (right & ~in_place_ecc_pkg::CheckCells) | ((right >> 1) & in_place_ecc_pkg::CheckCells);

  always_comb begin
    status_o = weight_buffer_pkg::StatusClean;
    if (^syndrome) status_o = weight_buffer_pkg::StatusCorrected;
    else if (syndrome != '0) status_o = weight_buffer_pkg::StatusDetected;
  end
endmodule
