/// Memories as black boxes: what stays of rtl/ when its gates are counted.
(* blackbox *)
module sram_array #(
  parameter  int unsigned Rows     = 512,
  parameter  int unsigned Width    = 64,
  localparam int unsigned RowWidth = weight_buffer_pkg::index_width(Rows)
) (
  input  logic                clk_i,
  input  logic                read_i,
  input  logic                write_i,
  input  logic [RowWidth-1:0] row_i,
  input  logic [Width-1:0]    wdata_i,
  output logic [Width-1:0]    rdata_o
);
endmodule

(* blackbox *)
module mask_ram #(
  parameter  int unsigned Rows     = 512,
  parameter  int unsigned Width    = 64,
  localparam int unsigned RowWidth = weight_buffer_pkg::index_width(Rows)
) (
  input  logic                clk_i,
  input  logic                read_i,
  input  logic [RowWidth-1:0] read_row_i,
  output logic [Width-1:0]    force_o,
  output logic [Width-1:0]    toggle_o,
  input  logic                write_i,
  input  logic [RowWidth-1:0] write_row_i,
  input  logic [Width-1:0]    force_i,
  input  logic [Width-1:0]    toggle_i
);
endmodule
