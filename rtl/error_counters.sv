/// Counters of words read, corrected and detected, behind a register port.
///
/// Parameters: Banks, Rows, DataWidth, Codec, FaultOverlay are the weight buffer's, so that they can be read back.
/// Ports: count_i counts a word that was read, with its status_i. reg_i.req makes an access in this cycle, a write if
/// reg_i.we, else a read, whose data are on reg_rdata_o one cycle later and held until the next read.
/// Registers: weight_buffer_pkg::Reg* are their addresses. Counters have 64 bits. Reading a low half also keeps the high half
/// of the same moment, which the next read of the high half returns. Registers that don't exist read as zero; only RegControl takes writes.
/// Behaviour: a word that is counted in the cycle in which the counters are cleared is lost.
module error_counters #(
  parameter int unsigned Banks        = 32,
  parameter int unsigned Rows         = 512,
  parameter int unsigned DataWidth    = 64,
  parameter int unsigned Codec        = 0,
  parameter int unsigned FaultOverlay = 1
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    count_i,
  input  logic [1:0]              status_i,
  input  weight_buffer_pkg::reg_t reg_i,
  output logic [31:0]             reg_rdata_o
);
  logic [63:0] reads_q, corrected_q, detected_q;
  logic [31:0] high_q;
  logic        clear;

  assign clear = reg_i.req & reg_i.we & (reg_i.addr == weight_buffer_pkg::RegControl) & reg_i.wdata[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reads_q     <= '0;
      corrected_q <= '0;
      detected_q  <= '0;
    end else if (clear) begin
      reads_q     <= '0;
      corrected_q <= '0;
      detected_q  <= '0;
    end else if (count_i) begin
      reads_q <= reads_q + 64'd1;
      if (status_i == weight_buffer_pkg::StatusCorrected) corrected_q <= corrected_q + 64'd1;
      if (status_i == weight_buffer_pkg::StatusDetected) detected_q <= detected_q + 64'd1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      high_q      <= '0;
      reg_rdata_o <= '0;
    end else if (reg_i.req && !reg_i.we) begin
      case (reg_i.addr)
        weight_buffer_pkg::RegReadsLow:      {high_q, reg_rdata_o} <= reads_q;
        weight_buffer_pkg::RegCorrectedLow:  {high_q, reg_rdata_o} <= corrected_q;
        weight_buffer_pkg::RegDetectedLow:   {high_q, reg_rdata_o} <= detected_q;
        weight_buffer_pkg::RegReadsHigh,
        weight_buffer_pkg::RegCorrectedHigh,
        weight_buffer_pkg::RegDetectedHigh:  reg_rdata_o <= high_q;
        weight_buffer_pkg::RegCapability:
        reg_rdata_o <= {11'd0, 1'(FaultOverlay), 4'(Codec), 16'(Banks)};
        weight_buffer_pkg::RegGeometry:      reg_rdata_o <= {8'(DataWidth), 24'(Rows)};
        default:                             reg_rdata_o <= '0;
      endcase
    end
  end

  logic unused;
  assign unused = ^reg_i.wdata[31:1];

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && count_i) begin
      StatusExists : assert (status_i != 2'd3)
      else $error("error_counters: status 3");
    end
  end
`endif
endmodule
