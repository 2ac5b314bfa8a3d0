/// Sender of a serial line: 8 data bits, no parity, one stop bit.
///
/// Parameters: ClocksPerBit (at least 4).
/// Ports: valid_i, ready_o, data_i take a byte; tx_o is the line, from a register.
/// Behaviour: a byte takes ten bits; the next one may follow at once.
module uart_tx #(
  parameter  int unsigned ClocksPerBit = 12,
  localparam int unsigned TimerWidth   = $clog2(ClocksPerBit)
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       valid_i,
  output logic       ready_o,
  input  logic [7:0] data_i,
  output logic       tx_o
);
  localparam logic [TimerWidth-1:0] Bit = TimerWidth'(ClocksPerBit - 1);

  logic [TimerWidth-1:0] timer_q;
  logic [3:0]            left_q;  // bits still to be sent after the present one
  logic [8:0]            bits_q;

  assign ready_o = (left_q == '0) & (timer_q == '0);
  assign tx_o    = bits_q[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      timer_q <= '0;
      left_q  <= '0;
      bits_q  <= '1;
    end else if (ready_o) begin
      if (valid_i) begin
        timer_q <= Bit;
        left_q  <= 4'd9;
        bits_q  <= {data_i, 1'b0};
      end
    end else if (timer_q != '0) begin
      timer_q <= timer_q - 1'b1;
    end else begin
      timer_q <= Bit;
      left_q  <= left_q - 4'd1;
      bits_q  <= {1'b1, bits_q[8:1]};
    end
  end

`ifndef SYNTHESIS
  initial begin
    if (ClocksPerBit < 4) $fatal(1, "uart_tx: %0d clock cycles a bit; at least 4", ClocksPerBit);
  end
`endif
endmodule
