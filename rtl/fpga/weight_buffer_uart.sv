/// A weight buffer that plays failing chips, at a serial line: weight_buffer_frames behind a UART.
///
/// Parameters: ClocksPerBit is the clock's frequency over the line's bits a second; the others are those of weight_buffer_frames.
/// Ports: rx_i and tx_o are the line, idle high, 8 data bits, no parity, one stop bit. busy_o says that a request is being done or
/// replied to.
/// Behaviour: a line can't be made to wait. What comes when RequestBytes are waiting is lost, and the frame with it.
module weight_buffer_uart #(
  parameter int unsigned Banks        = 32,
  parameter int unsigned Rows         = 512,
  parameter int unsigned DataWidth    = 64,
  parameter int unsigned Codec        = 0,
  parameter int unsigned RequestBytes = 512,
  parameter int unsigned ClocksPerBit = 12
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic rx_i,
  output logic tx_o,
  output logic busy_o
);
  logic       in_valid, in_ready, out_valid, out_ready;
  logic [7:0] in_data, out_data;
  logic       frames_busy, unused;

  uart_rx #(
    .ClocksPerBit(ClocksPerBit)
  ) u_rx (
    .clk_i,
    .rst_ni,
    .rx_i,
    .valid_o(in_valid),
    .data_o (in_data)
  );

  weight_buffer_frames #(
    .Banks       (Banks),
    .Rows        (Rows),
    .DataWidth   (DataWidth),
    .Codec       (Codec),
    .RequestBytes(RequestBytes)
  ) u_frames (
    .clk_i,
    .rst_ni,
    .in_valid_i (in_valid),
    .in_ready_o (in_ready),
    .in_data_i  (in_data),
    .out_valid_o(out_valid),
    .out_ready_i(out_ready),
    .out_data_o (out_data),
    .busy_o     (frames_busy)
  );

  uart_tx #(
    .ClocksPerBit(ClocksPerBit)
  ) u_tx (
    .clk_i,
    .rst_ni,
    .valid_i(out_valid),
    .ready_o(out_ready),
    .data_i (out_data),
    .tx_o
  );

  assign busy_o = frames_busy | ~out_ready;
  assign unused = in_ready;
endmodule
