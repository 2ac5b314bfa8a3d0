/// One bank, or the check bits of one: an SRAM array and, where faults are emulated, its overlay.
///
/// Parameters: Rows, Width, FaultOverlay (0: the plain array; the mask ports are ignored).
/// Ports: read_i, write_i, row_i, wdata_i are those of sram_array; bypass_i and mask_* are those of fault_overlay.
/// Behaviour: rdata_o is the word read in the cycle before if rdata_en_i, and zero otherwise.
module sram_bank #(
  parameter  int unsigned Rows         = 512,
  parameter  int unsigned Width        = 64,
  parameter  int unsigned FaultOverlay = 1,
  localparam int unsigned RowWidth     = weight_buffer_pkg::index_width(Rows)
) (
  input  logic                clk_i,
  input  logic                read_i,
  input  logic                write_i,
  input  logic [RowWidth-1:0] row_i,
  input  logic [Width-1:0]    wdata_i,
  input  logic                rdata_en_i,
  output logic [Width-1:0]    rdata_o,
  input  logic                bypass_i,
  input  logic                mask_we_i,
  input  logic [RowWidth-1:0] mask_row_i,
  input  logic [Width-1:0]    mask_force_i,
  input  logic [Width-1:0]    mask_toggle_i
);
  logic [Width-1:0] stored;

  sram_array #(
    .Rows (Rows),
    .Width(Width)
  ) u_array (
    .clk_i,
    .read_i,
    .write_i,
    .row_i,
    .wdata_i,
    .rdata_o(stored)
  );

  if (FaultOverlay != 0) begin : g_overlay
    fault_overlay #(
      .Rows (Rows),
      .Width(Width)
    ) u_overlay (
      .clk_i,
      .read_i,
      .row_i,
      .stored_i (stored),
      .bypass_i,
      .seen_en_i(rdata_en_i),
      .seen_o   (rdata_o),
      .mask_we_i,
      .mask_row_i,
      .mask_force_i,
      .mask_toggle_i
    );
  end else begin : g_plain
    logic unused;

    always_comb begin
      rdata_o = '0;
      if (rdata_en_i) rdata_o = stored;
    end
    assign unused = ^{bypass_i, mask_we_i, mask_row_i, mask_force_i, mask_toggle_i};
  end
endmodule
