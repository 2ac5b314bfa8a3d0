/// Takes flags and escapes out of a stream of bytes.
///
/// Ports: raw_* is the stream as it is on the line, valid/ready. valid_o says that the present byte is one of a frame, data_o,
/// or with flag_o the end of one; broken_o says that the frame ended within an escape, as a sender ends a frame that it gives up.
/// ready_i takes it. An escape is taken, too, but shows as nothing.
/// Behaviour: combinational but for the memory of one escape.
module byte_destuffer (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       raw_valid_i,
  output logic       raw_ready_o,
  input  logic [7:0] raw_data_i,
  output logic       valid_o,
  input  logic       ready_i,
  output logic       flag_o,
  output logic       broken_o,
  output logic [7:0] data_o
);
  logic escaped_q, escape;

  assign escape      = (raw_data_i == frame_pkg::Escape);
  assign flag_o      = (raw_data_i == frame_pkg::Flag);
  assign broken_o    = flag_o & escaped_q;
  assign valid_o     = raw_valid_i & ~escape;
  assign raw_ready_o = ready_i;

  always_comb begin
    data_o = raw_data_i;
    if (escaped_q) data_o = raw_data_i ^ frame_pkg::EscapeFlip;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) escaped_q <= 1'b0;
    else if (raw_valid_i && raw_ready_o) escaped_q <= escape;
  end
endmodule
