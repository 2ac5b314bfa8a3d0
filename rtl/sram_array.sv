/// SRAM array: one port, one access a cycle.
///
/// Parameters: Rows (words), Width (bits a word, at most 64).
/// Ports: read_i or write_i, never both, make an access to row_i in this cycle.
/// Behaviour: read data appear one cycle after the request and are held until the next read; a write leaves
/// them alone. Contents start as zeros in simulation and on FPGAs, as anything in an ASIC. Rows that don't exist read as
/// anything and ignore writes.
/// Replace this module by the macro of your technology: nothing else in rtl/ knows how a bit is stored, but for
/// mask_ram, which only exists where faults are emulated.
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
  logic [Width-1:0] mem [Rows];

  // The blocking write comes after the read, and no other process looks at mem: this is the same memory as with a
  // non-blocking write, but a simulator keeps no pending write for each of 32 banks (measured: a third less work a cycle).
  always_ff @(posedge clk_i) begin
    if (read_i) rdata_o <= mem[row_i];
    if (write_i) mem[row_i] = wdata_i;
  end

`ifndef SYNTHESIS
  initial for (int i = 0; i < int'(Rows); i++) mem[i] = '0;

  always_ff @(posedge clk_i) begin
    OneAccessAtATime : assert (!(read_i && write_i))
    else $error("sram_array: read and write in one cycle");
  end
`endif
endmodule
