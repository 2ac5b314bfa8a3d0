/// Load port of the fault overlays of all banks.
///
/// Parameters: Banks, Rows, DataWidth, CheckBits; the masks of a word are {check, data}.
/// Ports: ovl_* is the load port (valid/ready): a beat sets the masks of word ovl_addr_i = bank * Rows + row, or, with
/// ovl_clear_i, removes every mask. mask_* go to the banks,
/// mask_we_o one bit each.
/// Behaviour: a beat with masks takes one cycle. A clear takes Rows cycles, in which the masks of one row of every bank
/// are removed; ovl_ready_o is low meanwhile, and bypass_o is high, so that reads are free of faults at once.
/// After reset the loader clears by itself. Mask bits above the coded word are ignored.
module fault_overlay_loader #(
  parameter  int unsigned Banks     = 32,
  parameter  int unsigned Rows      = 512,
  parameter  int unsigned DataWidth = 64,
  parameter  int unsigned CheckBits = 8,
  localparam int unsigned AddrWidth = $clog2(Banks * Rows),
  localparam int unsigned RowWidth  = $clog2(Rows)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 ovl_valid_i,
  output logic                 ovl_ready_o,
  input  logic                 ovl_clear_i,
  input  logic [AddrWidth-1:0] ovl_addr_i,
  input  logic [71:0]          ovl_and_i,
  input  logic [71:0]          ovl_or_i,
  input  logic [71:0]          ovl_xor_i,
  output logic                 bypass_o,
  output logic [Banks-1:0]     mask_we_o,
  output logic [RowWidth-1:0]  mask_row_o,
  output logic [DataWidth-1:0] mask_data_force_o,
  output logic [DataWidth-1:0] mask_data_toggle_o,
  output logic [CheckBits-1:0] mask_check_force_o,
  output logic [CheckBits-1:0] mask_check_toggle_o
);
  localparam int unsigned Width = DataWidth + CheckBits;

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
    end else if (ovl_valid_i && ovl_clear_i) begin
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
    end else if (ovl_valid_i && !ovl_clear_i) begin
      mask_we_o           = Banks'(1) << (ovl_addr_i >> RowWidth);
      mask_row_o          = ovl_addr_i[RowWidth-1:0];
      mask_data_force_o   = ~ovl_and_i[DataWidth-1:0] | ovl_or_i[DataWidth-1:0];
      mask_data_toggle_o  = ovl_or_i[DataWidth-1:0] ^ ovl_xor_i[DataWidth-1:0];
      mask_check_force_o  = ~ovl_and_i[Width-1:DataWidth] | ovl_or_i[Width-1:DataWidth];
      mask_check_toggle_o = ovl_or_i[Width-1:DataWidth] ^ ovl_xor_i[Width-1:DataWidth];
    end
  end

  if (Width < 72) begin : g_unused
    logic unused;
    assign unused = ^{ovl_and_i[71:Width], ovl_or_i[71:Width], ovl_xor_i[71:Width]};
  end

`ifndef SYNTHESIS
  logic                 waiting_q;
  logic                 clear_q;
  logic [AddrWidth-1:0] addr_q;
  logic [71:0]          and_q, or_q, xor_q;

  always_ff @(posedge clk_i) begin
    waiting_q <= rst_ni & ovl_valid_i & ~ovl_ready_o;
    if (ovl_valid_i && !ovl_ready_o) begin
      clear_q <= ovl_clear_i;
      addr_q  <= ovl_addr_i;
      and_q   <= ovl_and_i;
      or_q    <= ovl_or_i;
      xor_q   <= ovl_xor_i;
    end
    if (rst_ni && waiting_q) begin
      BeatStaysUntilTaken : assert (ovl_valid_i && ovl_clear_i == clear_q && ovl_addr_i == addr_q &&
                                    ovl_and_i == and_q && ovl_or_i == or_q && ovl_xor_i == xor_q)
      else $error("fault_overlay_loader: a beat changed before it was taken");
    end
    if (rst_ni && ovl_valid_i && !ovl_clear_i) begin
      WordExists : assert (32'(ovl_addr_i) < Banks * Rows)
      else $error("fault_overlay_loader: word %0d of %0d", ovl_addr_i, Banks * Rows);
    end
  end
`endif
endmodule
