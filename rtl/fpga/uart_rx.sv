/// Receiver of a serial line: 8 data bits, no parity, one stop bit.
///
/// Parameters: ClocksPerBit (at least 4).
/// Ports: rx_i is the line, which may change at any time. valid_o is high for one cycle with each byte, data_o.
/// Behaviour: bits are looked at in their middles, counted from the start bit's edge: sender and receiver may differ by 3 % in
/// speed. A byte whose stop bit is low is dropped. There is no way to make the line wait: who reads has to be ready.
module uart_rx #(
  parameter  int unsigned ClocksPerBit = 12,
  localparam int unsigned TimerWidth   = $clog2(ClocksPerBit)
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       rx_i,
  output logic       valid_o,
  output logic [7:0] data_o
);
  localparam logic [TimerWidth-1:0] Bit  = TimerWidth'(ClocksPerBit - 1);
  localparam logic [TimerWidth-1:0] Half = TimerWidth'(ClocksPerBit / 2 - 1);

  logic [1:0]            line_q;  // [1] is safe to look at
  logic [TimerWidth-1:0] timer_q;
  logic [3:0]            left_q;  // bits still to come, 10 from the start bit on, 0 between bytes
  logic [7:0]            data_q;

  assign data_o = data_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) line_q <= 2'b11;
    else line_q <= {line_q[0], rx_i};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      timer_q <= '0;
      left_q  <= '0;
      data_q  <= '0;
      valid_o <= 1'b0;
    end else begin
      valid_o <= 1'b0;
      if (left_q == '0) begin
        timer_q <= Half;
        if (!line_q[1]) left_q <= 4'd10;
      end else if (timer_q != '0) begin
        timer_q <= timer_q - 1'b1;
      end else begin
        timer_q <= Bit;
        left_q  <= left_q - 4'd1;
        if (left_q == 4'd10) begin
          // A start bit that is over before its middle was a disturbance.
          if (line_q[1]) left_q <= '0;
        end else if (left_q == 4'd1) begin
          valid_o <= line_q[1];
        end else begin
          data_q <= {line_q[1], data_q[7:1]};
        end
      end
    end
  end

`ifndef SYNTHESIS
  initial begin
    if (ClocksPerBit < 4) $fatal(1, "uart_rx: %0d clock cycles a bit; at least 4", ClocksPerBit);
  end
`endif
endmodule
