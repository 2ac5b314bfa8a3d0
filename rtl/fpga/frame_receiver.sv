/// Receives requests: keeps a frame until its checksum is known to be right, and drops it otherwise.
///
/// Ports: byte_* are those of byte_destuffer. req_valid_o says that a whole request is here: its header, the length of its
/// payload in bytes, and the payload itself behind payload_*, whose data come one cycle after payload_read_i. All stay until
/// req_ready_i; no byte is taken meanwhile. last_tag_o is the tag of the newest request. bad_frames_o counts frames that were
/// dropped, until clear_bad_i.
/// Behaviour: nothing of a frame acts before all of it has arrived, so that a damaged one changes no word. A request whose tag is
/// not newer than the newest one is a late copy and dropped, too; so is every one before the first OpIdentify after a reset, so
/// that a client can't mistake a memory that has forgotten everything for the one it wrote. OpIdentify always passes.
/// Two flags in a row hold no frame, and are not counted.
module frame_receiver (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               byte_valid_i,
  output logic               byte_ready_o,
  input  logic               byte_flag_i,
  input  logic               byte_broken_i,
  input  logic [7:0]         byte_data_i,
  output logic               req_valid_o,
  input  logic               req_ready_i,
  output frame_pkg::header_t req_header_o,
  output logic [9:0]         req_length_o,
  input  logic               payload_read_i,
  input  logic [8:0]         payload_index_i,
  output logic [7:0]         payload_data_o,
  output logic [31:0]        last_tag_o,
  input  logic               clear_bad_i,
  output logic [31:0]        bad_frames_o
);
  localparam logic [9:0] Least  = 10'(frame_pkg::HeaderBytes + frame_pkg::CrcBytes);
  localparam logic [9:0] Header = 10'(frame_pkg::HeaderBytes);
  localparam logic [9:0] Most   = 10'(frame_pkg::HeaderBytes + frame_pkg::MaxPayload + frame_pkg::CrcBytes);

  logic [7:0]  payload [frame_pkg::MaxPayload];
  logic [79:0] header_q;
  logic [31:0] crc_q;
  logic [9:0]  count_q;  // bytes of the frame so far; Most + 1 stands for any larger number
  logic        open_q;   // there has been an OpIdentify
  logic        take, whole, newer, identify, good;
  logic [31:0] ahead;
  logic [9:0]  place;

  assign byte_ready_o = ~req_valid_o;
  assign take         = byte_valid_i & byte_ready_o;
  assign whole        = (count_q >= Least) & (count_q <= Most) & (crc_q == frame_pkg::CrcResidue) & ~byte_broken_i;
  assign identify     = (req_header_o.op == frame_pkg::OpIdentify);
  // Tags are compared around the clock: the half behind last_tag_o is older.
  assign ahead        = req_header_o.tag - last_tag_o;
  assign newer        = ~open_q | (~ahead[31] & (ahead != '0));
  assign good         = whole & (identify | (open_q & newer));
  assign place        = count_q - Header;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      req_valid_o  <= 1'b0;
      req_length_o <= '0;
      count_q      <= '0;
      crc_q        <= frame_pkg::CrcStart;
      last_tag_o   <= '0;
      open_q       <= 1'b0;
      bad_frames_o <= '0;
    end else begin
      if (req_valid_o && req_ready_i) req_valid_o <= 1'b0;
      if (clear_bad_i) bad_frames_o <= '0;
      if (take && byte_flag_i) begin
        count_q      <= '0;
        crc_q        <= frame_pkg::CrcStart;
        req_valid_o  <= good;
        req_length_o <= count_q - Least;
        if (good && newer) begin
          last_tag_o <= req_header_o.tag;
          open_q     <= 1'b1;
        end
        if (!good && count_q != '0) bad_frames_o <= bad_frames_o + 32'd1;
      end else if (take) begin
        crc_q <= frame_pkg::crc_after(crc_q, byte_data_i);
        if (count_q <= Most) count_q <= count_q + 10'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (take && !byte_flag_i && count_q < Header) header_q <= {byte_data_i, header_q[79:8]};
  end

  // The checksum behind a payload of MaxPayload bytes has no place of its own: it is not written, so that it can't come round
  // to the payload's beginning.
  always_ff @(posedge clk_i) begin
    if (payload_read_i) payload_data_o <= payload[payload_index_i];
    if (take && !byte_flag_i && count_q >= Header && !place[9]) payload[place[8:0]] <= byte_data_i;
  end

  assign req_header_o = header_q;
endmodule
