/// Queue of read responses, three deep: it takes a response a cycle and loses none while its reader waits.
///
/// Parameters: DataWidth.
/// Ports: push_* puts a response in; space_o says that there will be a place for a response pushed two cycles from
/// now, one being on its way if pending_i. rsp_* is the reader's side (valid/ready).
/// Behaviour: space_o and rsp_valid_o come from registers alone, so that no path leads from rsp_ready_i to space_o.
/// A response can be read in the cycle after its push. Pushing into a full queue can't happen if every push follows
/// a cycle with space_o.
module response_queue #(
  parameter int unsigned DataWidth = 64
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 pending_i,
  output logic                 space_o,
  input  logic                 push_i,
  input  logic [DataWidth-1:0] push_data_i,
  input  logic [1:0]           push_status_i,
  output logic                 rsp_valid_o,
  input  logic                 rsp_ready_i,
  output logic [DataWidth-1:0] rsp_data_o,
  output logic [1:0]           rsp_status_o
);
  localparam logic [1:0] Depth = 2'd3;

  logic [DataWidth-1:0] data_q   [3];
  logic [1:0]           status_q [3];
  logic [1:0]           head_q, tail_q, count_q;
  logic                 pop;

  assign rsp_valid_o  = (count_q != '0);
  assign rsp_data_o   = data_q[head_q];
  assign rsp_status_o = status_q[head_q];
  assign pop          = rsp_valid_o & rsp_ready_i;
  assign space_o      = (count_q < 2'd2) | ((count_q == 2'd2) & ~pending_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      head_q  <= '0;
      tail_q  <= '0;
      count_q <= '0;
    end else begin
      if (push_i) tail_q <= (tail_q == Depth - 2'd1) ? '0 : tail_q + 2'd1;
      if (pop) head_q <= (head_q == Depth - 2'd1) ? '0 : head_q + 2'd1;
      if (push_i && !pop) count_q <= count_q + 2'd1;
      else if (pop && !push_i) count_q <= count_q - 2'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push_i) begin
      data_q[tail_q]   <= push_data_i;
      status_q[tail_q] <= push_status_i;
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && push_i) begin
      NothingIsLost : assert (count_q != Depth)
      else $error("response_queue: pushed into a full queue");
    end
  end
`endif
endmodule
