/// A weight buffer that plays failing chips, behind a stream of bytes (PROTOCOL.md).
///
/// Parameters: Banks, Rows, DataWidth, Codec are those of weight_buffer. RequestBytes: bytes of requests that may wait while one is
/// being done, a power of two of at least 512; for links that can't be made to wait, as serial lines.
/// Ports: in_* and out_* carry the bytes both ways, valid/ready. busy_o says that bytes wait or a request is being done; it may be
/// low for two cycles after a byte has come in.
/// Behaviour: the buffer has its fault overlay. Requests are done one after the other, each replied to.
module weight_buffer_frames #(
  parameter int unsigned Banks        = 32,
  parameter int unsigned Rows         = 512,
  parameter int unsigned DataWidth    = 64,
  parameter int unsigned Codec        = 0,
  parameter int unsigned RequestBytes = 512
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       in_valid_i,
  output logic       in_ready_o,
  input  logic [7:0] in_data_i,
  output logic       out_valid_o,
  input  logic       out_ready_i,
  output logic [7:0] out_data_o,
  output logic       busy_o
);
  localparam int unsigned AddrWidth = weight_buffer_pkg::index_width(Banks * Rows);

  logic                    raw_valid, raw_ready;
  logic [7:0]              raw_data;
  logic                    byte_valid, byte_ready, byte_flag, byte_broken;
  logic [7:0]              byte_data;
  logic                    frame_valid, frame_ready;
  frame_pkg::header_t      header;
  logic [9:0]              length;
  logic                    payload_read;
  logic [8:0]              payload_index;
  logic [7:0]              payload_data;
  logic                    clear_bad;
  logic [31:0]             last_tag, bad_frames;
  logic                    rep_valid, rep_ready, rep_end;
  logic [7:0]              rep_data;
  weight_buffer_pkg::req_t req;
  weight_buffer_pkg::rsp_t rsp;
  weight_buffer_pkg::ovl_t ovl;
  weight_buffer_pkg::reg_t reg_access;
  logic                    req_ready, rsp_ready, ovl_ready;
  logic [31:0]             reg_rdata;
  logic [DataWidth-1:0]    rsp_data;
  logic                    bist_start, bist_busy, bist_done, bist_failed;
  logic [1:0]              bist_algorithm;
  logic [31:0]             bist_last_addr;
  logic [71:0]             bist_background;
  logic                    fail_valid, fail_ready;
  logic [AddrWidth-1:0]    fail_addr;
  logic [71:0]             fail_syndrome, fail_expected;
  logic                    unused;

  byte_fifo #(
    .Depth(RequestBytes)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .in_valid_i,
    .in_ready_o,
    .in_data_i,
    .out_valid_o(raw_valid),
    .out_ready_i(raw_ready),
    .out_data_o (raw_data)
  );

  byte_destuffer u_destuffer (
    .clk_i,
    .rst_ni,
    .raw_valid_i(raw_valid),
    .raw_ready_o(raw_ready),
    .raw_data_i (raw_data),
    .valid_o    (byte_valid),
    .ready_i    (byte_ready),
    .flag_o     (byte_flag),
    .broken_o   (byte_broken),
    .data_o     (byte_data)
  );

  frame_receiver u_receiver (
    .clk_i,
    .rst_ni,
    .byte_valid_i   (byte_valid),
    .byte_ready_o   (byte_ready),
    .byte_flag_i    (byte_flag),
    .byte_broken_i  (byte_broken),
    .byte_data_i    (byte_data),
    .req_valid_o    (frame_valid),
    .req_ready_i    (frame_ready),
    .req_header_o   (header),
    .req_length_o   (length),
    .payload_read_i (payload_read),
    .payload_index_i(payload_index),
    .payload_data_o (payload_data),
    .last_tag_o     (last_tag),
    .clear_bad_i    (clear_bad),
    .bad_frames_o   (bad_frames)
  );

  frame_engine #(
    .Words       (Banks * Rows),
    .RequestBytes(RequestBytes)
  ) u_engine (
    .clk_i,
    .rst_ni,
    .req_valid_i      (frame_valid),
    .req_ready_o      (frame_ready),
    .req_header_i     (header),
    .req_length_i     (length),
    .payload_read_o   (payload_read),
    .payload_index_o  (payload_index),
    .payload_data_i   (payload_data),
    .last_tag_i       (last_tag),
    .clear_bad_o      (clear_bad),
    .bad_frames_i     (bad_frames),
    .rep_valid_o      (rep_valid),
    .rep_ready_i      (rep_ready),
    .rep_end_o        (rep_end),
    .rep_data_o       (rep_data),
    .buf_o            (req),
    .buf_ready_i      (req_ready),
    .rsp_i            (rsp),
    .rsp_ready_o      (rsp_ready),
    .ovl_o            (ovl),
    .ovl_ready_i      (ovl_ready),
    .reg_o            (reg_access),
    .reg_rdata_i      (reg_rdata),
    .bist_start_o     (bist_start),
    .bist_algorithm_o (bist_algorithm),
    .bist_last_addr_o (bist_last_addr),
    .bist_background_o(bist_background),
    .bist_busy_i      (bist_busy),
    .fail_valid_i     (fail_valid),
    .fail_ready_o     (fail_ready),
    .fail_addr_i      (32'(fail_addr)),
    .fail_syndrome_i  (fail_syndrome),
    .fail_expected_i  (fail_expected)
  );

  frame_sender u_sender (
    .clk_i,
    .rst_ni,
    .in_valid_i (rep_valid),
    .in_ready_o (rep_ready),
    .in_end_i   (rep_end),
    .in_data_i  (rep_data),
    .raw_valid_o(out_valid_o),
    .raw_ready_i(out_ready_i),
    .raw_data_o (out_data_o)
  );

  assign busy_o    = raw_valid | frame_valid | out_valid_o;
  assign rsp.rdata = 64'(rsp_data);

  weight_buffer_bist #(
    .Banks       (Banks),
    .Rows        (Rows),
    .DataWidth   (DataWidth),
    .Codec       (Codec),
    .FaultOverlay(1)
  ) u_buffer (
    .clk_i,
    .rst_ni,
    .req_valid_i      (req.valid),
    .req_ready_o      (req_ready),
    .req_write_i      (req.write),
    .req_addr_i       (req.addr[AddrWidth-1:0]),
    .req_wdata_i      (req.wdata[DataWidth-1:0]),
    .rsp_valid_o      (rsp.valid),
    .rsp_ready_i      (rsp_ready),
    .rsp_rdata_o      (rsp_data),
    .rsp_status_o     (rsp.status),
    .ovl_valid_i      (ovl.valid),
    .ovl_ready_o      (ovl_ready),
    .ovl_clear_i      (ovl.clear),
    .ovl_addr_i       (ovl.addr[AddrWidth-1:0]),
    .ovl_and_i        (ovl.and_mask),
    .ovl_or_i         (ovl.or_mask),
    .ovl_xor_i        (ovl.xor_mask),
    .reg_req_i        (reg_access.req),
    .reg_we_i         (reg_access.we),
    .reg_addr_i       (reg_access.addr),
    .reg_wdata_i      (reg_access.wdata),
    .reg_rdata_o      (reg_rdata),
    .bist_start_i     (bist_start),
    .bist_algorithm_i (bist_algorithm),
    .bist_last_addr_i (bist_last_addr[AddrWidth-1:0]),
    .bist_background_i(bist_background),
    .bist_busy_o      (bist_busy),
    .bist_done_o      (bist_done),
    .bist_failed_o    (bist_failed),
    .fail_valid_o     (fail_valid),
    .fail_ready_i     (fail_ready),
    .fail_addr_o      (fail_addr),
    .fail_syndrome_o  (fail_syndrome),
    .fail_expected_o  (fail_expected)
  );

  // The end of a test shows in bist_busy, and its outcome in the number of failures.
  assign unused = ^{bist_done, bist_failed, bist_last_addr};

`ifndef SYNTHESIS
  initial begin
    if (RequestBytes < 512 || RequestBytes > 32768)
      $fatal(1, "weight_buffer_frames: RequestBytes is %0d, not 512 to 32768", RequestBytes);
  end
`endif
endmodule
