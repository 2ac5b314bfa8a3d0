/// A weight buffer that can test itself: weight_buffer_core and march_bist under one top.
///
/// Parameters are those of weight_buffer.
/// Ports are those of weight_buffer but for raw_*, which the BIST uses; bist_* and fail_* are those of march_bist, with the
/// algorithms of march_pkg::Table: bist_algorithm_i 0 MATS+, 1 March C-, 2 March SS.
/// Behaviour: while bist_busy_o is high no request is taken; responses to earlier reads still come out. The test
/// looks at coded words, so failing check bits are found like data bits. It overwrites the memory.
module weight_buffer_bist #(
  parameter  int unsigned Banks        = 32,
  parameter  int unsigned Rows         = 512,
  parameter  int unsigned DataWidth    = 64,
  parameter  int unsigned Codec        = 0,
  parameter  int unsigned FaultOverlay = 1,
  localparam int unsigned AddrWidth    = weight_buffer_pkg::index_width(Banks * Rows)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  // Requests and responses
  input  logic                 req_valid_i,
  output logic                 req_ready_o,
  input  logic                 req_write_i,
  input  logic [AddrWidth-1:0] req_addr_i,
  input  logic [DataWidth-1:0] req_wdata_i,
  output logic                 rsp_valid_o,
  input  logic                 rsp_ready_i,
  output logic [DataWidth-1:0] rsp_rdata_o,
  output logic [1:0]           rsp_status_o,
  // Fault masks
  input  logic                 ovl_valid_i,
  output logic                 ovl_ready_o,
  input  logic                 ovl_clear_i,
  input  logic [AddrWidth-1:0] ovl_addr_i,
  input  logic [71:0]          ovl_and_i,
  input  logic [71:0]          ovl_or_i,
  input  logic [71:0]          ovl_xor_i,
  // Error counters
  input  logic                 reg_req_i,
  input  logic                 reg_we_i,
  input  logic [3:0]           reg_addr_i,
  input  logic [31:0]          reg_wdata_i,
  output logic [31:0]          reg_rdata_o,
  // BIST
  input  logic                 bist_start_i,
  input  logic [1:0]           bist_algorithm_i,
  input  logic [AddrWidth-1:0] bist_last_addr_i,
  input  logic [71:0]          bist_background_i,
  output logic                 bist_busy_o,
  output logic                 bist_done_o,
  output logic                 bist_failed_o,
  output logic                 fail_valid_o,
  input  logic                 fail_ready_i,
  output logic [AddrWidth-1:0] fail_addr_o,
  output logic [71:0]          fail_syndrome_o,
  output logic [71:0]          fail_expected_o
);
  weight_buffer_pkg::req_t req;
  weight_buffer_pkg::rsp_t rsp;
  weight_buffer_pkg::ovl_t ovl;
  weight_buffer_pkg::reg_t reg_access;
  weight_buffer_pkg::raw_t raw;
  logic [AddrWidth-1:0]    raw_addr;
  logic [71:0]             raw_rdata;

  assign req.valid = req_valid_i;
  assign req.write = req_write_i;
  assign req.addr  = 32'(req_addr_i);
  assign req.wdata = 64'(req_wdata_i);

  assign rsp_valid_o  = rsp.valid;
  assign rsp_rdata_o  = rsp.rdata[DataWidth-1:0];
  assign rsp_status_o = rsp.status;

  assign ovl.valid    = ovl_valid_i;
  assign ovl.clear    = ovl_clear_i;
  assign ovl.addr     = 32'(ovl_addr_i);
  assign ovl.and_mask = ovl_and_i;
  assign ovl.or_mask  = ovl_or_i;
  assign ovl.xor_mask = ovl_xor_i;

  assign reg_access.req   = reg_req_i;
  assign reg_access.we    = reg_we_i;
  assign reg_access.addr  = reg_addr_i;
  assign reg_access.wdata = reg_wdata_i;

  assign raw.addr = 32'(raw_addr);

  weight_buffer_core #(
    .Banks       (Banks),
    .Rows        (Rows),
    .DataWidth   (DataWidth),
    .Codec       (Codec),
    .FaultOverlay(FaultOverlay)
  ) u_buffer (
    .clk_i,
    .rst_ni,
    .req_i      (req),
    .req_ready_o,
    .rsp_o      (rsp),
    .rsp_ready_i,
    .ovl_i      (ovl),
    .ovl_ready_o,
    .reg_i      (reg_access),
    .reg_rdata_o,
    .raw_i      (raw),
    .raw_rdata_o(raw_rdata)
  );

  march_bist #(
    .Words(Banks * Rows),
    .Width(DataWidth + weight_buffer_pkg::check_width(Codec, DataWidth))
  ) u_bist (
    .clk_i,
    .rst_ni,
    .start_i     (bist_start_i),
    .algorithm_i (bist_algorithm_i),
    .last_addr_i (bist_last_addr_i),
    .background_i(bist_background_i),
    .busy_o      (bist_busy_o),
    .done_o      (bist_done_o),
    .failed_o    (bist_failed_o),
    .raw_en_o    (raw.en),
    .raw_req_o   (raw.req),
    .raw_we_o    (raw.we),
    .raw_addr_o  (raw_addr),
    .raw_wdata_o (raw.wdata),
    .raw_rdata_i (raw_rdata),
    .fail_valid_o,
    .fail_ready_i,
    .fail_addr_o,
    .fail_syndrome_o,
    .fail_expected_o
  );
endmodule
