/// Weight buffer with a port for every signal, as block designs, other languages and Brownout's simulation take it.
///
/// Parameters and behaviour are those of weight_buffer_core; ports are its groups, one signal each and no wider than the
/// buffer.
module weight_buffer #(
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
  // Coded words, for a BIST
  input  logic                 raw_en_i,
  input  logic                 raw_req_i,
  input  logic                 raw_we_i,
  input  logic [AddrWidth-1:0] raw_addr_i,
  input  logic [71:0]          raw_wdata_i,
  output logic [71:0]          raw_rdata_o
);
  weight_buffer_pkg::req_t req;
  weight_buffer_pkg::rsp_t rsp;
  weight_buffer_pkg::ovl_t ovl;
  weight_buffer_pkg::reg_t reg_access;
  weight_buffer_pkg::raw_t raw;

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

  assign raw.en    = raw_en_i;
  assign raw.req   = raw_req_i;
  assign raw.we    = raw_we_i;
  assign raw.addr  = 32'(raw_addr_i);
  assign raw.wdata = raw_wdata_i;

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
    .raw_rdata_o
  );
endmodule
