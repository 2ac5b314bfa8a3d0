/// Fault overlay of one array: turns the stored word into the word that its reader sees at this supply.
///
/// Parameters: Rows, Width of the array.
/// Ports: read_i, row_i are those of the array's read; stored_i is the array's read data, one cycle later.
/// Bits are forced to zero and then toggled: seen_o = (stored_i & ~force) ^ toggle. This says as much as the
/// usual three masks, ((stored & and) | or) ^ xor, in two bits a cell: force = ~and | or, toggle = or ^ xor.
/// mask_* writes the masks of one row.
/// Behaviour: the overlay acts on read data only, and the stored word stays as it was. A read sees the masks as they were
/// before the cycle in which it was requested. With bypass_i, a cycle after read_i, it sees none.
/// seen_o is zero unless seen_en_i: banks can be ORed, and the logic of a bank that isn't read doesn't toggle.
module fault_overlay #(
  parameter  int unsigned Rows     = 512,
  parameter  int unsigned Width    = 64,
  localparam int unsigned RowWidth = weight_buffer_pkg::index_width(Rows)
) (
  input  logic                clk_i,
  input  logic                read_i,
  input  logic [RowWidth-1:0] row_i,
  input  logic [Width-1:0]    stored_i,
  input  logic                bypass_i,
  input  logic                seen_en_i,
  output logic [Width-1:0]    seen_o,
  input  logic                mask_we_i,
  input  logic [RowWidth-1:0] mask_row_i,
  input  logic [Width-1:0]    mask_force_i,
  input  logic [Width-1:0]    mask_toggle_i
);
  logic [Width-1:0] force_bits, toggle_bits;

  mask_ram #(
    .Rows (Rows),
    .Width(Width)
  ) u_mask_ram (
    .clk_i,
    .read_i,
    .read_row_i (row_i),
    .force_o    (force_bits),
    .toggle_o   (toggle_bits),
    .write_i    (mask_we_i),
    .write_row_i(mask_row_i),
    .force_i    (mask_force_i),
    .toggle_i   (mask_toggle_i)
  );

  always_comb begin
    seen_o = '0;
    if (seen_en_i) begin
      if (bypass_i) seen_o = stored_i;
      else seen_o = (stored_i & ~force_bits) ^ toggle_bits;
    end
  end
endmodule
