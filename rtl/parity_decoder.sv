/// Even parity, reading side: a group that reads with odd parity becomes zero.
///
/// Parameters: Width (data bits), Groups (check bits; group i is bits i * Width / Groups and up).
/// Ports: status_o is 2 (detected) if any group is bad, else 0 (clean). Parity corrects nothing.
/// Behaviour: the decoder is combinational. An even number of errors in a group passes unseen.
module parity_decoder #(
  parameter int unsigned Width  = 64,
  parameter int unsigned Groups = 1
) (
  input  logic [Width-1:0]  data_i,
  input  logic [Groups-1:0] check_i,
  output logic [Width-1:0]  data_o,
  output logic [1:0]        status_o
);
  localparam int unsigned GroupWidth = Width / Groups;

  logic [Groups-1:0] bad;

  for (genvar i = 0; i < Groups; i++) begin : g_group
    assign bad[i] = ^{check_i[i], data_i[i*GroupWidth+:GroupWidth]};
    assign data_o[i*GroupWidth+:GroupWidth] = bad[i] ? '0 : data_i[i*GroupWidth+:GroupWidth];
  end

  assign status_o = (bad != '0) ? weight_buffer_pkg::StatusDetected : weight_buffer_pkg::StatusClean;
endmodule
