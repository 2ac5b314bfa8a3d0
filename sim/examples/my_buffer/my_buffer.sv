/// Example of a weight buffer that isn't Brownout's: one memory, no protection, one response register.
///
/// Parameters: Words (a power of two).
/// Ports: the contract of rtl/README.md; the ports it calls optional are left out.
/// Behaviour: a request is taken while the response register is free or being emptied; a read answers in the next
/// cycle. Masks of a word act on reads taken after the beat that set them; a beat that clears removes all at once.
module my_buffer #(
  parameter  int unsigned Words     = 16384,
  localparam int unsigned AddrWidth = $clog2(Words)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 req_valid_i,
  output logic                 req_ready_o,
  input  logic                 req_write_i,
  input  logic [AddrWidth-1:0] req_addr_i,
  input  logic [63:0]          req_wdata_i,
  output logic                 rsp_valid_o,
  input  logic                 rsp_ready_i,
  output logic [63:0]          rsp_rdata_o,
  output logic [1:0]           rsp_status_o,
  input  logic                 ovl_valid_i,
  output logic                 ovl_ready_o,
  input  logic                 ovl_clear_i,
  input  logic [AddrWidth-1:0] ovl_addr_i,
  input  logic [71:0]          ovl_and_i,
  input  logic [71:0]          ovl_or_i,
  input  logic [71:0]          ovl_xor_i
);
  logic [63:0]      mem      [Words];
  logic [63:0]      mask_and [Words];
  logic [63:0]      mask_or  [Words];
  logic [63:0]      mask_xor [Words];
  logic [Words-1:0] masked_q;
  logic             valid_q;
  logic [63:0]      rdata_q;
  logic [63:0]      stored;

  assign req_ready_o  = ~valid_q | rsp_ready_i;
  assign rsp_valid_o  = valid_q;
  assign rsp_rdata_o  = rdata_q;
  assign rsp_status_o = 2'd0;
  assign ovl_ready_o  = 1'b1;
  assign stored       = mem[req_addr_i];

  always_ff @(posedge clk_i) begin
    if (req_valid_i & req_ready_o) begin
      if (req_write_i) begin
        mem[req_addr_i] <= req_wdata_i;
      end else if (masked_q[req_addr_i]) begin
        rdata_q <= ((stored & mask_and[req_addr_i]) | mask_or[req_addr_i]) ^ mask_xor[req_addr_i];
      end else begin
        rdata_q <= stored;
      end
    end
    if (ovl_valid_i) begin
      mask_and[ovl_addr_i] <= ovl_and_i[63:0];
      mask_or[ovl_addr_i]  <= ovl_or_i[63:0];
      mask_xor[ovl_addr_i] <= ovl_xor_i[63:0];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q  <= 1'b0;
      masked_q <= '0;
    end else begin
      if (req_ready_o) valid_q <= req_valid_i & ~req_write_i;
      if (ovl_valid_i) begin
        if (ovl_clear_i) masked_q <= '0;
        else             masked_q[ovl_addr_i] <= 1'b1;
      end
    end
  end
endmodule
