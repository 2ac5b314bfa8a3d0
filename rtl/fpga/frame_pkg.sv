/// Numbers of the frame protocol (PROTOCOL.md) and its checksum.
package frame_pkg;
  localparam logic [15:0] Version = 16'd1;

  // Framing, as in RFC 1662: a flag on either side; flags and escapes inside go as an escape and the byte with bit 5 changed.
  localparam logic [7:0] Flag       = 8'h7e;
  localparam logic [7:0] Escape     = 8'h7d;
  localparam logic [7:0] EscapeFlip = 8'h20;

  localparam int unsigned HeaderBytes = 10;
  localparam int unsigned CrcBytes    = 4;
  localparam int unsigned WordBytes   = 8;    // a word to write
  localparam int unsigned MaskBytes   = 31;   // an address and three masks
  localparam int unsigned BistBytes   = 14;   // algorithm, background, first failure wanted
  localparam int unsigned MaxPayload  = 512;  // of a request

  // Requests; the reply to one has bit 7 set.
  localparam logic [7:0] OpIdentify      = 8'h01;
  localparam logic [7:0] OpWrite         = 8'h02;
  localparam logic [7:0] OpRead          = 8'h03;
  localparam logic [7:0] OpLoadMasks     = 8'h04;
  localparam logic [7:0] OpClearMasks    = 8'h05;
  localparam logic [7:0] OpBist          = 8'h06;
  localparam logic [7:0] OpCounters      = 8'h07;
  localparam logic [7:0] OpClearCounters = 8'h08;

  // Status of a reply.
  localparam logic [7:0] StatusDone        = 8'd0;
  localparam logic [7:0] StatusNoOperation = 8'd1;  // the operation does not exist
  localparam logic [7:0] StatusNoLength    = 8'd2;  // count and payload do not fit the operation
  localparam logic [7:0] StatusNoWord      = 8'd3;  // a word does not exist
  localparam logic [7:0] StatusNoAlgorithm = 8'd4;  // the March algorithm does not exist

  // Header of a request; the first byte on the line is the lowest.
  typedef struct packed {
    logic [31:0] address;
    logic [31:0] tag;
    logic [7:0]  count;
    logic [7:0]  op;
  } header_t;

  // Checksum: CRC-32 of Ethernet and zlib, polynomial 04C11DB7, bits of a byte from the lowest on. The register starts as
  // ones; a frame carries its complement, lowest byte first, and the register over a whole frame is then CrcResidue.
  localparam logic [31:0] CrcStart   = 32'hffffffff;
  localparam logic [31:0] CrcResidue = 32'hdebb20e3;
  localparam logic [31:0] CrcTaps    = 32'hedb88320;

  // Returns the register after one more byte.
  function automatic logic [31:0] crc_after(input logic [31:0] crc, input logic [7:0] data);
    begin : bits
      integer i;
      crc_after = crc ^ {24'd0, data};
      for (i = 0; i < 8; i = i + 1) begin
        crc_after = (crc_after >> 1) ^ (crc_after[0] ? CrcTaps : 32'd0);
      end
    end
  endfunction
endpackage
