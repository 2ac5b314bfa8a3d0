/// Queue of bytes in a block RAM.
///
/// Parameters: Depth (bytes, a power of two).
/// Ports: in_* and out_* are valid/ready.
/// Behaviour: takes a byte a cycle and gives one a cycle; a byte comes out two cycles after it went in at the earliest. It holds
/// Depth bytes besides the one that is offered.
module byte_fifo #(
  parameter  int unsigned Depth      = 512,
  localparam int unsigned IndexWidth = $clog2(Depth)
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       in_valid_i,
  output logic       in_ready_o,
  input  logic [7:0] in_data_i,
  output logic       out_valid_o,
  input  logic       out_ready_i,
  output logic [7:0] out_data_o
);
  logic [7:0]            mem [Depth];
  // One bit more than an index: equal pointers mean empty, pointers that differ in that bit alone mean full.
  logic [IndexWidth:0]   write_q, read_q;
  logic                  push, fetch, empty;

  assign empty      = (write_q == read_q);
  assign in_ready_o = (write_q != (read_q ^ {1'b1, {IndexWidth{1'b0}}}));
  assign push       = in_valid_i & in_ready_o;
  assign fetch      = ~empty & (~out_valid_o | out_ready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_q     <= '0;
      read_q      <= '0;
      out_valid_o <= 1'b0;
    end else begin
      if (push) write_q <= write_q + 1'b1;
      if (fetch) read_q <= read_q + 1'b1;
      out_valid_o <= fetch | (out_valid_o & ~out_ready_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) mem[write_q[IndexWidth-1:0]] <= in_data_i;
    if (fetch) out_data_o <= mem[read_q[IndexWidth-1:0]];
  end

`ifndef SYNTHESIS
  initial begin
    if (Depth != 2 ** IndexWidth) $fatal(1, "byte_fifo: Depth is %0d, not a power of two", Depth);
  end
`endif
endmodule
