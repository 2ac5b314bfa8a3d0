/// Sends replies: puts flags, escapes and a checksum around the bytes of a frame.
///
/// Ports: in_* takes the bytes of a frame one by one, valid/ready, and after them a beat with in_end_i, whose data are ignored.
/// raw_* is the stream as it goes on the line, valid/ready.
/// Behaviour: a byte a cycle, two for one that has to be escaped.
module frame_sender (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       in_valid_i,
  output logic       in_ready_o,
  input  logic       in_end_i,
  input  logic [7:0] in_data_i,
  output logic       raw_valid_o,
  input  logic       raw_ready_i,
  output logic [7:0] raw_data_o
);
  typedef enum logic [1:0] {
    StOpen,   // between frames; sends the first flag
    StBody,   // sends what comes in
    StCrc,    // sends the checksum
    StClose   // sends the last flag
  } state_e;

  state_e      state_q;
  logic [31:0] crc_q;
  logic [1:0]  crc_bytes_q;
  logic        escaped_q;  // the escape of the present byte has been sent
  logic [7:0]  content;
  logic        special, sent, done;

  assign content = (state_q == StCrc) ? ~crc_q[7:0] : in_data_i;
  assign special = (content == frame_pkg::Flag) | (content == frame_pkg::Escape);
  assign sent    = raw_valid_o & raw_ready_i;
  assign done    = sent & (~special | escaped_q);  // of a byte of the frame

  always_comb begin
    raw_valid_o = 1'b0;
    raw_data_o  = frame_pkg::Flag;
    in_ready_o  = 1'b0;
    case (state_q)
      StOpen:  raw_valid_o = in_valid_i;
      StClose: raw_valid_o = 1'b1;
      default: begin
        raw_valid_o = (state_q == StCrc) | (in_valid_i & ~in_end_i);
        if (escaped_q) raw_data_o = content ^ frame_pkg::EscapeFlip;
        else if (special) raw_data_o = frame_pkg::Escape;
        else raw_data_o = content;
        in_ready_o = (state_q == StBody) & (in_end_i | done);
      end
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= StOpen;
      crc_q       <= frame_pkg::CrcStart;
      crc_bytes_q <= '0;
      escaped_q   <= 1'b0;
    end else begin
      case (state_q)
        StOpen: begin
          crc_q <= frame_pkg::CrcStart;
          if (sent) state_q <= StBody;
        end
        StBody: begin
          if (sent) escaped_q <= special & ~escaped_q;
          if (done) crc_q <= frame_pkg::crc_after(crc_q, in_data_i);
          if (in_valid_i && in_end_i) state_q <= StCrc;
        end
        StCrc: begin
          if (sent) escaped_q <= special & ~escaped_q;
          if (done) begin
            crc_q       <= crc_q >> 8;
            crc_bytes_q <= crc_bytes_q + 2'd1;
            if (crc_bytes_q == 2'd3) state_q <= StClose;
          end
        end
        default: begin
          if (sent) state_q <= StOpen;
        end
      endcase
    end
  end

`ifndef SYNTHESIS
  logic       waiting_q;
  logic [7:0] raw_data_q;

  always_ff @(posedge clk_i) begin
    waiting_q  <= rst_ni & raw_valid_o & ~raw_ready_i;
    raw_data_q <= raw_data_o;
    if (rst_ni && waiting_q) begin
      ByteStaysUntilTaken : assert (raw_valid_o && raw_data_o == raw_data_q)
      else $error("frame_sender: a byte changed before it was taken");
    end
    if (rst_ni && in_valid_i && in_end_i) begin
      FrameIsNotEmpty : assert (state_q == StBody)
      else $error("frame_sender: the end of a frame without bytes");
    end
  end
`endif
endmodule
