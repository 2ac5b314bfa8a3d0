/// Numbers that the weight buffer and its users agree on.
package weight_buffer_pkg;
  // Parameter `Codec`.
  localparam int unsigned CodecNone       = 0;
  localparam int unsigned CodecParity     = 1;  // one even-parity bit a word
  localparam int unsigned CodecParityByte = 2;  // one even-parity bit a byte
  localparam int unsigned CodecSecded     = 3;  // Hsiao (72, 64)

  // Port `rsp_status_o`.
  localparam logic [1:0] StatusClean     = 2'd0;
  localparam logic [1:0] StatusCorrected = 2'd1;
  localparam logic [1:0] StatusDetected  = 2'd2;

  // Port `reg_addr_i`: one register of 32 bits each.
  localparam logic [3:0] RegReadsLow      = 4'd0;
  localparam logic [3:0] RegReadsHigh     = 4'd1;
  localparam logic [3:0] RegCorrectedLow  = 4'd2;
  localparam logic [3:0] RegCorrectedHigh = 4'd3;
  localparam logic [3:0] RegDetectedLow   = 4'd4;
  localparam logic [3:0] RegDetectedHigh  = 4'd5;
  localparam logic [3:0] RegControl       = 4'd6;  // write 1 to bit 0: all counters become 0
  localparam logic [3:0] RegCapability    = 4'd7;  // [15:0] Banks, [19:16] Codec, [20] has an overlay
  localparam logic [3:0] RegGeometry      = 4'd8;  // [23:0] Rows, [31:24] DataWidth
endpackage
