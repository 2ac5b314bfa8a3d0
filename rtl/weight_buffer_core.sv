/// Weight buffer: banks of SRAM behind one request port, with protection and emulated faults.
///
/// Parameters: Banks (arrays), Rows (words an array, a power of two), DataWidth (bits, at most 64), Codec
/// (weight_buffer_pkg::Codec*), FaultOverlay (0 leaves the fault emulation out, as silicon needs it).
/// Word address = bank * Rows + row.
/// Ports are groups of weight_buffer_pkg, each with a ready signal the other way where it waits. req_i carries requests (one a
/// cycle), rsp_o responses to reads, in order. ovl_i loads fault masks (fault_overlay_loader). reg_i reaches the error counters
/// (error_counters). raw_i reads and writes coded words below the codec, {check, data}, for a BIST: while raw_i.en is high no
/// request is taken; raw_rdata_o is the word of raw_i.addr one cycle after raw_i.req, and zero in other cycles. Responses to
/// earlier reads come out meanwhile. Bits above AddrWidth, DataWidth and the coded word are ignored, and zero in rsp_o.
/// Behaviour: a response to a read taken in cycle n is there in cycle n + 2, or when the responses before it
/// have been taken. A read returns what the last write before it stored, seen through the masks as they were before
/// the cycle in which it was taken. Check bits are cells as well and fail like data. Codecs that need prepared data
/// (weight_buffer_pkg) return others as their decoder reads them. rsp_ready_i has no
/// combinational path to req_ready_o.
module weight_buffer_core #(
  parameter int unsigned Banks        = 32,
  parameter int unsigned Rows         = 512,
  parameter int unsigned DataWidth    = 64,
  parameter int unsigned Codec        = 0,
  parameter int unsigned FaultOverlay = 1
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  weight_buffer_pkg::req_t req_i,
  output logic                    req_ready_o,
  output weight_buffer_pkg::rsp_t rsp_o,
  input  logic                    rsp_ready_i,
  input  weight_buffer_pkg::ovl_t ovl_i,
  output logic                    ovl_ready_o,
  input  weight_buffer_pkg::reg_t reg_i,
  output logic [31:0]             reg_rdata_o,
  input  weight_buffer_pkg::raw_t raw_i,
  output logic [71:0]             raw_rdata_o
);
  localparam int unsigned AddrWidth  = weight_buffer_pkg::index_width(Banks * Rows);
  localparam int unsigned RowWidth   = weight_buffer_pkg::index_width(Rows);
  localparam int unsigned CheckWidth = weight_buffer_pkg::check_width(Codec, DataWidth);
  localparam int unsigned CheckBits  = weight_buffer_pkg::signal_width(CheckWidth);

  // Access of this cycle, from a request or from the BIST.
  logic                 accept, access, write;
  logic [AddrWidth-1:0] addr;
  logic [RowWidth-1:0]  row;
  logic [Banks-1:0]     bank_read, bank_write;
  logic [DataWidth-1:0] data_request, wdata;
  logic [CheckBits-1:0] check_request, wcheck;
  // Read of the cycle before: its bank, and whether a request made it.
  logic [Banks-1:0]     bank_read_q;
  logic                 reading_q, bypass_q;
  logic [DataWidth-1:0] bank_data  [Banks];
  logic [CheckBits-1:0] bank_check [Banks];
  logic [DataWidth-1:0] coded_data, data;
  logic [CheckBits-1:0] coded_check;
  logic [1:0]           status;
  logic                 space;
  logic [DataWidth-1:0] rsp_data;
  // Masks
  logic                 bypass;
  logic [Banks-1:0]     mask_we;
  logic [RowWidth-1:0]  mask_row;
  logic [DataWidth-1:0] mask_data_force, mask_data_toggle;
  logic [CheckBits-1:0] mask_check_force, mask_check_toggle;

  assign req_ready_o = space & ~raw_i.en;
  assign accept      = req_i.valid & req_ready_o;

  word_encoder #(
    .Codec    (Codec),
    .DataWidth(DataWidth)
  ) u_encoder (
    .en_i   (accept & req_i.write),
    .data_i (req_i.wdata[DataWidth-1:0]),
    .data_o (data_request),
    .check_o(check_request)
  );

  always_comb begin
    access = accept;
    write  = req_i.write;
    addr   = req_i.addr[AddrWidth-1:0];
    wdata  = data_request;
    wcheck = check_request;
    if (raw_i.en) begin
      access = raw_i.req;
      write  = raw_i.we;
      addr   = raw_i.addr[AddrWidth-1:0];
      wdata  = raw_i.wdata[DataWidth-1:0];
      wcheck = raw_i.wdata[DataWidth+:CheckBits];
    end
  end

  assign row = addr[RowWidth-1:0];

  always_comb begin
    bank_read  = '0;
    bank_write = '0;
    if (access) begin
      if (write) bank_write = Banks'(1) << (addr >> RowWidth);
      else bank_read = Banks'(1) << (addr >> RowWidth);
    end
  end

  for (genvar i = 0; i < Banks; i++) begin : g_bank
    sram_bank #(
      .Rows        (Rows),
      .Width       (DataWidth),
      .FaultOverlay(FaultOverlay)
    ) u_data (
      .clk_i,
      .read_i       (bank_read[i]),
      .write_i      (bank_write[i]),
      .row_i        (row),
      .wdata_i      (wdata),
      .rdata_en_i   (bank_read_q[i]),
      .rdata_o      (bank_data[i]),
      .bypass_i     (bypass_q),
      .mask_we_i    (mask_we[i]),
      .mask_row_i   (mask_row),
      .mask_force_i (mask_data_force),
      .mask_toggle_i(mask_data_toggle)
    );

    if (CheckWidth > 0) begin : g_check
      sram_bank #(
        .Rows        (Rows),
        .Width       (CheckBits),
        .FaultOverlay(FaultOverlay)
      ) u_check (
        .clk_i,
        .read_i       (bank_read[i]),
        .write_i      (bank_write[i]),
        .row_i        (row),
        .wdata_i      (wcheck),
        .rdata_en_i   (bank_read_q[i]),
        .rdata_o      (bank_check[i]),
        .bypass_i     (bypass_q),
        .mask_we_i    (mask_we[i]),
        .mask_row_i   (mask_row),
        .mask_force_i (mask_check_force),
        .mask_toggle_i(mask_check_toggle)
      );
    end else begin : g_no_check
      assign bank_check[i] = '0;
    end
  end

  if (FaultOverlay != 0) begin : g_loader
    fault_overlay_loader #(
      .Banks    (Banks),
      .Rows     (Rows),
      .DataWidth(DataWidth),
      .CheckBits(CheckBits)
    ) u_loader (
      .clk_i,
      .rst_ni,
      .ovl_i,
      .ovl_ready_o,
      .bypass_o           (bypass),
      .mask_we_o          (mask_we),
      .mask_row_o         (mask_row),
      .mask_data_force_o  (mask_data_force),
      .mask_data_toggle_o (mask_data_toggle),
      .mask_check_force_o (mask_check_force),
      .mask_check_toggle_o(mask_check_toggle)
    );
  end else begin : g_no_loader
    logic unused;

    assign ovl_ready_o       = 1'b0;
    assign bypass            = 1'b1;
    assign mask_we           = '0;
    assign mask_row          = '0;
    assign mask_data_force   = '0;
    assign mask_data_toggle  = '0;
    assign mask_check_force  = '0;
    assign mask_check_toggle = '0;
    assign unused            = ^ovl_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bank_read_q <= '0;
      reading_q   <= 1'b0;
      bypass_q    <= 1'b1;
    end else begin
      bank_read_q <= bank_read;
      reading_q   <= accept & ~req_i.write;
      bypass_q    <= bypass;
    end
  end

  // Banks that weren't read give zeros, so that the OR is the word that was read.
  always_comb begin : or_banks
    int i;
    coded_data  = '0;
    coded_check = '0;
    for (i = 0; i < Banks; i = i + 1) begin
      coded_data  = coded_data | bank_data[i];
      coded_check = coded_check | bank_check[i];
    end
  end

  word_decoder #(
    .Codec    (Codec),
    .DataWidth(DataWidth)
  ) u_decoder (
    .data_i  (coded_data),
    .check_i (coded_check),
    .data_o  (data),
    .status_o(status)
  );

  response_queue #(
    .DataWidth(DataWidth)
  ) u_queue (
    .clk_i,
    .rst_ni,
    .pending_i    (reading_q),
    .space_o      (space),
    .push_i       (reading_q),
    .push_data_i  (data),
    .push_status_i(status),
    .rsp_valid_o  (rsp_o.valid),
    .rsp_ready_i,
    .rsp_data_o   (rsp_data),
    .rsp_status_o (rsp_o.status)
  );

  assign rsp_o.rdata = 64'(rsp_data);

  error_counters #(
    .Banks       (Banks),
    .Rows        (Rows),
    .DataWidth   (DataWidth),
    .Codec       (Codec),
    .FaultOverlay(FaultOverlay)
  ) u_counters (
    .clk_i,
    .rst_ni,
    .count_i (reading_q),
    .status_i(status),
    .reg_i,
    .reg_rdata_o
  );

  assign raw_rdata_o = 72'({coded_check, coded_data});

`ifndef SYNTHESIS
  logic                 waiting_q, write_q;
  logic [AddrWidth-1:0] addr_q;
  logic [DataWidth-1:0] wdata_q;

  always_ff @(posedge clk_i) begin
    waiting_q <= rst_ni & req_i.valid & ~req_ready_o;
    if (req_i.valid && !req_ready_o) begin
      write_q <= req_i.write;
      addr_q  <= req_i.addr[AddrWidth-1:0];
      wdata_q <= req_i.wdata[DataWidth-1:0];
    end
    if (rst_ni && waiting_q) begin
      RequestStaysUntilTaken : assert (req_i.valid && req_i.write == write_q &&
                                       req_i.addr[AddrWidth-1:0] == addr_q &&
                                       (!write_q || req_i.wdata[DataWidth-1:0] == wdata_q))
      else $error("weight_buffer: a request changed before it was taken");
    end
    if (rst_ni && access) begin
      WordExists : assert (32'(addr) < Banks * Rows)
      else $error("weight_buffer: word %0d of %0d", addr, Banks * Rows);
    end
    if (rst_ni && raw_i.req) begin
      RawOnlyWhenEnabled : assert (raw_i.en)
      else $error("weight_buffer: a raw access without enable");
    end
  end

  initial begin
    if (Rows != 2 ** RowWidth) $fatal(1, "weight_buffer: Rows is %0d, not a power of two", Rows);
    if (Codec > weight_buffer_pkg::CodecInPlaceEcc) $fatal(1, "weight_buffer: no codec %0d", Codec);
    if (Codec == weight_buffer_pkg::CodecSecded && DataWidth < 8)
      $fatal(1, "weight_buffer: SECDED is for words of at least 8 bits, not %0d", DataWidth);
    if (DataWidth % weight_buffer_pkg::group_width(Codec, DataWidth) != 0)
      $fatal(1, "weight_buffer: parity groups of %0d bits don't divide words of %0d bits",
             weight_buffer_pkg::group_width(Codec, DataWidth), DataWidth);
    if (Codec == weight_buffer_pkg::CodecInPlaceEcc && DataWidth != 64)
      $fatal(1, "weight_buffer: in-place ECC is for words of 64 bits, not %0d", DataWidth);
    if (DataWidth > 64) $fatal(1, "weight_buffer: DataWidth is %0d, at most 64", DataWidth);
  end
`endif
endmodule
