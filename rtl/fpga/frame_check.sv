/// Checks a request before anything of it is done.
///
/// Parameters: Words (of the buffer).
/// Ports: header_i and length_i (bytes of payload) are those of the request. status_o is what its reply says, unless something
/// in its payload is wrong; entry_bytes_o is the size of an entry of its payload, 0 if it has none.
/// Behaviour: combinational.
module frame_check #(
  parameter int unsigned Words = 16384
) (
  input  frame_pkg::header_t header_i,
  input  logic [9:0]         length_i,
  output logic [7:0]         status_o,
  output logic [5:0]         entry_bytes_o
);
  logic [12:0] length, count;
  logic        fits, exists;

  assign length = 13'(length_i);
  assign count  = 13'(header_i.count);

  always_comb begin
    fits          = 1'b0;
    exists        = 1'b1;
    entry_bytes_o = '0;
    case (header_i.op)
      frame_pkg::OpIdentify, frame_pkg::OpCounters, frame_pkg::OpClearMasks, frame_pkg::OpClearCounters:
      fits = (length == '0) & (count == '0);
      frame_pkg::OpWrite: begin
        fits          = (length != '0) & (length == (count << 3));
        entry_bytes_o = 6'(frame_pkg::WordBytes);
      end
      frame_pkg::OpRead: fits = (length == '0) & (count != '0);
      frame_pkg::OpLoadMasks: begin
        fits          = (length != '0) & (length == (count << 5) - count);
        entry_bytes_o = 6'(frame_pkg::MaskBytes);
      end
      frame_pkg::OpBist: begin
        fits          = (length == 13'(frame_pkg::BistBytes));
        entry_bytes_o = 6'(frame_pkg::BistBytes);
      end
      default: exists = 1'b0;
    endcase
  end

  // Masks bring addresses of their own, which are checked one by one.
  logic range_exists;

  always_comb begin
    case (header_i.op)
      frame_pkg::OpWrite, frame_pkg::OpRead:
      range_exists = (33'(header_i.address) + 33'(header_i.count) <= 33'(Words));
      frame_pkg::OpBist: range_exists = (header_i.address < Words);
      default:           range_exists = 1'b1;
    endcase
  end

  always_comb begin
    if (!exists) status_o = frame_pkg::StatusNoOperation;
    else if (!fits) status_o = frame_pkg::StatusNoLength;
    else if (!range_exists) status_o = frame_pkg::StatusNoWord;
    else status_o = frame_pkg::StatusDone;
  end

  logic unused;
  assign unused = ^header_i.tag;
endmodule
