/// The iCE40-HX8K breakout board as a failing SRAM: one bank of 512 x 64 with its masks at the board's USB serial port.
///
/// Ports: clk_i is the board's oscillator of 12 MHz, rx_i and tx_o the lines of its FT2232H (1,000,000 bits a second, 8N1), led_o
/// shows: [0] the design is there, [1] a byte comes in, [2] a request is being done.
/// Behaviour: resets itself after configuration.
module ice40_hx8k #(
  parameter int unsigned Codec = 0
) (
  input  logic       clk_i,
  input  logic       rx_i,
  output logic       tx_o,
  output logic [2:0] led_o
);
  // Flip-flops of this family start as zeros. Its block RAMs can be used a few microseconds later.
  logic [7:0] start_q = '0;
  logic       rst_n, busy;

  assign rst_n = &start_q;

  always_ff @(posedge clk_i) begin
    if (!rst_n) start_q <= start_q + 8'd1;
  end

  weight_buffer_uart #(
    .Banks       (1),
    .Rows        (512),
    .DataWidth   (64),
    .Codec       (Codec),
    .RequestBytes(512),
    .ClocksPerBit(12)
  ) u_buffer (
    .clk_i,
    .rst_ni(rst_n),
    .rx_i,
    .tx_o,
    .busy_o(busy)
  );

  assign led_o = {busy, ~rx_i, rst_n};
endmodule
