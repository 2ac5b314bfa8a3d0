/// Load port of the fault overlays of all banks.
///
/// Parameters: Banks, Rows, DataWidth, CheckBits; the masks of a word are {check, data}.
/// Ports: ovl_i is the load port (valid/ready): a beat sets the masks of word ovl_i.addr = bank * Rows + row, or, with
/// ovl_i.clear, removes every mask. mask_* go to the banks, one bit of mask_we_o to each.
/// Behaviour: a beat with masks takes one cycle. A clear takes Rows cycles, in which the masks of one row of every bank
/// are removed; ovl_ready_o is low meanwhile, and bypass_o is high, so that reads are free of faults at once.
/// After reset the loader clears by itself. Mask bits above the coded word are ignored.
module fault_overlay_loader #(
  parameter  int unsigned Banks     = 32,
  parameter  int unsigned Rows      = 512,
  parameter  int unsigned DataWidth = 64,
  parameter  int unsigned CheckBits = 8,
  localparam int unsigned RowWidth  = weight_buffer_pkg::index_width(Rows)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  weight_buffer_pkg::ovl_t ovl_i,
  output logic                    ovl_ready_o,
  output logic                    bypass_o,
  output logic [Banks-1:0]        mask_we_o,
  output logic [RowWidth-1:0]     mask_row_o,
  output logic [DataWidth-1:0]    mask_data_force_o,
  output logic [DataWidth-1:0]    mask_data_toggle_o,
  output logic [CheckBits-1:0]    mask_check_force_o,
  output logic [CheckBits-1:0]    mask_check_toggle_o
);
  localparam int unsigned AddrWidth = weight_buffer_pkg::index_width(Banks * Rows);
  localparam int unsigned Width     = DataWidth + CheckBits;

  logic                clearing_q;
  logic [RowWidth-1:0] row_q;

  assign ovl_ready_o = ~clearing_q;
  assign bypass_o    = clearing_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      clearing_q <= 1'b1;
      row_q      <= '0;
    end else if (clearing_q) begin
      row_q <= row_q + 1'b1;
      if (32'(row_q) == Rows - 1) clearing_q <= 1'b0;
    end else if (ovl_i.valid && ovl_i.clear) begin
      clearing_q <= 1'b1;
      row_q      <= '0;
    end
  end

  always_comb begin
    mask_we_o           = '0;
    mask_row_o          = row_q;
    mask_data_force_o   = '0;
    mask_data_toggle_o  = '0;
    mask_check_force_o  = '0;
    mask_check_toggle_o = '0;
    if (clearing_q) begin
      mask_we_o = '1;
    end else if (ovl_i.valid && !ovl_i.clear) begin
      mask_we_o           = Banks'(1) << (ovl_i.addr[AddrWidth-1:0] >> RowWidth);
      mask_row_o          = ovl_i.addr[RowWidth-1:0];
      mask_data_force_o   = ~ovl_i.and_mask[DataWidth-1:0] | ovl_i.or_mask[DataWidth-1:0];
      mask_data_toggle_o  = ovl_i.or_mask[DataWidth-1:0] ^ ovl_i.xor_mask[DataWidth-1:0];
      mask_check_force_o  = ~ovl_i.and_mask[Width-1:DataWidth] | ovl_i.or_mask[Width-1:DataWidth];
      mask_check_toggle_o = ovl_i.or_mask[Width-1:DataWidth] ^ ovl_i.xor_mask[Width-1:DataWidth];
    end
  end

`ifndef SYNTHESIS
  logic                    waiting_q;
  weight_buffer_pkg::ovl_t beat_q;

  always_ff @(posedge clk_i) begin
    waiting_q <= rst_ni & ovl_i.valid & ~ovl_ready_o;
    if (ovl_i.valid && !ovl_ready_o) beat_q <= ovl_i;
    if (rst_ni && waiting_q) begin
      BeatStaysUntilTaken : assert (ovl_i == beat_q)
      else $error("fault_overlay_loader: a beat changed before it was taken");
    end
    if (rst_ni && ovl_i.valid && !ovl_i.clear) begin
      WordExists : assert (ovl_i.addr < Banks * Rows)
      else $error("fault_overlay_loader: word %0d of %0d", ovl_i.addr, Banks * Rows);
    end
  end
`endif
endmodule
