/// Memory for fault masks, two a row, with one write port and one read port (block RAM in simple dual-port mode).
///
/// Parameters: Rows, Width (bits a mask).
/// Behaviour: read data appear one cycle after read_i and are held until the next read. A row read in the cycle
/// in which it is written gives its old content.
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
  logic [Width-1:0] force_mem  [Rows];
  logic [Width-1:0] toggle_mem [Rows];

  // Writes are blocking and come after the reads, as in sram_array.
  always_ff @(posedge clk_i) begin
    if (read_i) begin
      force_o  <= force_mem[read_row_i];
      toggle_o <= toggle_mem[read_row_i];
    end
    if (write_i) begin
      force_mem[write_row_i]  = force_i;
      toggle_mem[write_row_i] = toggle_i;
    end
  end
endmodule
