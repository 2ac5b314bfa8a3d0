/// Numbers, widths and groups of signals that the weight buffer and its users agree on.
///
/// Groups have the widths of the largest buffer (32 bits of address, words of 64 bits with 8 check bits); a smaller buffer
/// reads their low bits. This way they are the same for every buffer and pass through any hierarchy as one port each.
package weight_buffer_pkg;
  // Values of the parameter `Codec`.
  localparam int unsigned CodecNone       = 0;
  localparam int unsigned CodecParity     = 1;  // one even-parity bit a word
  localparam int unsigned CodecParityByte = 2;  // one even-parity bit a byte
  localparam int unsigned CodecSecded     = 3;  // Hsiao, 8 check bits a word of 8 to 64 bits
  // Codecs without check bits, for data that software has prepared: parity of 8, 16, 32 or 64 bits is even already, or bit 6
  // of bytes 0 to 6 repeats bit 7 and leaves its cell to a check bit.
  localparam int unsigned CodecOp8        = 4;
  localparam int unsigned CodecOp16       = 5;
  localparam int unsigned CodecOp32       = 6;
  localparam int unsigned CodecOp64       = 7;
  localparam int unsigned CodecInPlaceEcc = 8;  // (64,57), words of 64 bits only

  // Values of `rsp_status_o`.
  localparam logic [1:0] StatusClean     = 2'd0;
  localparam logic [1:0] StatusCorrected = 2'd1;
  localparam logic [1:0] StatusDetected  = 2'd2;

  // Values of `reg_addr_i`; each register has 32 bits.
  localparam logic [3:0] RegReadsLow      = 4'd0;
  localparam logic [3:0] RegReadsHigh     = 4'd1;
  localparam logic [3:0] RegCorrectedLow  = 4'd2;
  localparam logic [3:0] RegCorrectedHigh = 4'd3;
  localparam logic [3:0] RegDetectedLow   = 4'd4;
  localparam logic [3:0] RegDetectedHigh  = 4'd5;
  localparam logic [3:0] RegControl       = 4'd6;  // write 1 to bit 0: all counters become 0
  localparam logic [3:0] RegCapability    = 4'd7;  // [15:0] Banks, [19:16] Codec, [20] has an overlay
  localparam logic [3:0] RegGeometry      = 4'd8;  // [23:0] Rows, [31:24] DataWidth

  // Returns the number of check bits that a codec stores with a word of data_width bits.
  function automatic int unsigned check_width(input int unsigned codec, input int unsigned data_width);
    check_width = (codec == CodecParity) ? 1 :
                  (codec == CodecParityByte) ? data_width / 8 :
                  (codec == CodecSecded) ? 8 : 0;
  endfunction

  // Returns the number of data bits that share a parity bit; data_width for codecs of other kinds.
  function automatic int unsigned group_width(input int unsigned codec, input int unsigned data_width);
    group_width = (codec == CodecParityByte || codec == CodecOp8) ? 8 :
                  (codec == CodecOp16) ? 16 :
                  (codec == CodecOp32) ? 32 :
                  (codec == CodecOp64) ? 64 : data_width;
  endfunction

  // Returns the width of a signal that carries `width` bits: no signal has a width of zero.
  function automatic int unsigned signal_width(input int unsigned width);
    signal_width = (width > 0) ? width : 1;
  endfunction

  // Returns the width of an index below `count`.
  function automatic int unsigned index_width(input int unsigned count);
    index_width = (count > 1) ? $clog2(count) : 1;
  endfunction

  // Request: taken in a cycle in which it is valid and the buffer is ready, held until then.
  typedef struct packed {
    logic        valid;
    logic        write;
    logic [31:0] addr;
    logic [63:0] wdata;
  } req_t;

  // Response to a read, held until its reader is ready.
  typedef struct packed {
    logic        valid;
    logic [63:0] rdata;
    logic [1:0]  status;
  } rsp_t;

  // Beat of the load port of the fault overlay. Masks are {check, data}: read = ((stored & and) | or) ^ xor.
  typedef struct packed {
    logic        valid;
    logic        clear;
    logic [31:0] addr;
    logic [71:0] and_mask;
    logic [71:0] or_mask;
    logic [71:0] xor_mask;
  } ovl_t;

  // Access to a register.
  typedef struct packed {
    logic        req;
    logic        we;
    logic [3:0]  addr;
    logic [31:0] wdata;
  } reg_t;

  // Access to a coded word, {check, data}, below the codec. The buffer takes no request while `en` is high.
  typedef struct packed {
    logic        en;
    logic        req;
    logic        we;
    logic [31:0] addr;
    logic [71:0] wdata;
  } raw_t;
endpackage
