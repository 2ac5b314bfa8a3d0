/// Does what requests ask of a weight buffer that can test itself, and replies.
///
/// Parameters: Words (of the buffer), RequestBytes (of requests that may wait for this one; told to whoever asks).
/// Ports: req_* and payload_* are those of frame_receiver, rep_* those of frame_sender. buf_*, rsp_*, ovl_*, reg_*, bist_* and
/// fail_* go to weight_buffer_bist, in groups of weight_buffer_pkg.
/// Behaviour: one request after the other. A request is checked before it acts. Words and failures stream into the reply as they
/// come: the next word is read while the one before is sent. Every request may be repeated (PROTOCOL.md): none takes anything
/// away that a lost reply would lose.
module frame_engine #(
  parameter int unsigned Words        = 16384,
  parameter int unsigned RequestBytes = 512
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  // Requests
  input  logic                    req_valid_i,
  output logic                    req_ready_o,
  input  frame_pkg::header_t      req_header_i,
  input  logic [9:0]              req_length_i,
  output logic                    payload_read_o,
  output logic [8:0]              payload_index_o,
  input  logic [7:0]              payload_data_i,
  input  logic [31:0]             last_tag_i,
  output logic                    clear_bad_o,
  input  logic [31:0]             bad_frames_i,
  // Replies
  output logic                    rep_valid_o,
  input  logic                    rep_ready_i,
  output logic                    rep_end_o,
  output logic [7:0]              rep_data_o,
  // Weight buffer
  output weight_buffer_pkg::req_t buf_o,
  input  logic                    buf_ready_i,
  input  weight_buffer_pkg::rsp_t rsp_i,
  output logic                    rsp_ready_o,
  output weight_buffer_pkg::ovl_t ovl_o,
  input  logic                    ovl_ready_i,
  output weight_buffer_pkg::reg_t reg_o,
  input  logic [31:0]             reg_rdata_i,
  // Its BIST
  output logic                    bist_start_o,
  output logic [1:0]              bist_algorithm_o,
  output logic [31:0]             bist_last_addr_o,
  output logic [71:0]             bist_background_o,
  input  logic                    bist_busy_i,
  input  logic                    fail_valid_i,
  output logic                    fail_ready_o,
  input  logic [31:0]             fail_addr_i,
  input  logic [71:0]             fail_syndrome_i,
  input  logic [71:0]             fail_expected_i
);
  typedef enum logic [3:0] {
    StIdle,       // waits for a request and checks it
    StGather,     // collects an entry of the payload
    StWrite,      // gives a word to the buffer
    StMasks,      // gives the masks of a word to the overlay
    StClear,      // has the overlay cleared
    StClearing,   // waits until it is
    StCounters,   // clears the counters
    StStart,      // starts the BIST
    StHeader,     // begins the reply
    StSend,       // sends the bytes of out_q, then goes to next_q
    StWord,       // waits for a word that was read
    StRegister,   // reads a register
    StValue,      // takes its value
    StFailure,    // waits for a failure or the end of the BIST
    StEnd         // ends the reply
  } state_e;

  state_e       state_q, next_q, action;
  logic [7:0]   status, status_q;
  logic [5:0]   entry_bytes;
  // Payload
  logic [247:0] entry_q;    // an entry ends at the top
  logic [5:0]   gather_q;   // bytes of it still to be asked for
  logic         arriving_q; // one comes in this cycle
  logic [8:0]   index_q;
  // Position
  logic [31:0]  addr_q;     // next word
  logic [7:0]   count_q;    // entries, words or registers still to be done
  logic [7:0]   ahead_q;    // words of a read still to be asked for
  logic [3:0]   register_q;
  logic [31:0]  failures_q; // so far
  // Reply
  logic [175:0] out_q;      // what to send next, lowest byte first
  logic [4:0]   out_left_q;
  logic         mask_exists, wanted;
  logic [31:0]  first_wanted;

  frame_check #(
    .Words(Words)
  ) u_check (
    .header_i     (req_header_i),
    .length_i     (req_length_i),
    .status_o     (status),
    .entry_bytes_o(entry_bytes)
  );

  // State that a request begins with.
  always_comb begin
    action = StHeader;
    if (status == frame_pkg::StatusDone) begin
      case (req_header_i.op)
        frame_pkg::OpWrite, frame_pkg::OpLoadMasks, frame_pkg::OpBist: action = StGather;
        frame_pkg::OpClearMasks:                                       action = StClear;
        frame_pkg::OpClearCounters:                                    action = StCounters;
        default:                                                       action = StHeader;
      endcase
    end
  end

  // An entry of 31 bytes fills entry_q: address, then the three masks.
  assign mask_exists  = (entry_q[31:0] < Words);
  // One of 14 bytes lies in its top: algorithm, background, number of the first failure wanted.
  assign first_wanted = entry_q[247:216];
  assign wanted       = (failures_q >= first_wanted) & (count_q != '0);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q    <= StIdle;
      next_q     <= StEnd;
      status_q   <= '0;
      gather_q   <= '0;
      arriving_q <= 1'b0;
      index_q    <= '0;
      addr_q     <= '0;
      count_q    <= '0;
      ahead_q    <= '0;
      register_q <= '0;
      failures_q <= '0;
      out_left_q <= '0;
    end else begin
      if (ahead_q != '0 && buf_ready_i) begin
        ahead_q <= ahead_q - 8'd1;
        addr_q  <= addr_q + 32'd1;
      end
      case (state_q)
        StIdle: begin
          index_q    <= '0;
          addr_q     <= req_header_i.address;
          count_q    <= req_header_i.count;
          failures_q <= '0;
          status_q   <= status;
          gather_q   <= entry_bytes;
          if (req_valid_i) state_q <= action;
        end
        StGather: begin
          arriving_q <= (gather_q != '0);
          if (gather_q != '0) begin
            gather_q <= gather_q - 6'd1;
            index_q  <= index_q + 9'd1;
          end else begin
            case (req_header_i.op)
              frame_pkg::OpWrite:     state_q <= StWrite;
              frame_pkg::OpLoadMasks: state_q <= StMasks;
              default:                state_q <= StStart;
            endcase
          end
        end
        StWrite: begin
          gather_q <= 6'(frame_pkg::WordBytes);
          if (buf_ready_i) begin
            addr_q  <= addr_q + 32'd1;
            count_q <= count_q - 8'd1;
            state_q <= (count_q == 8'd1) ? StHeader : StGather;
          end
        end
        StMasks: begin
          gather_q <= 6'(frame_pkg::MaskBytes);
          if (!mask_exists) begin
            status_q <= frame_pkg::StatusNoWord;
            state_q  <= StHeader;
          end else if (ovl_ready_i) begin
            count_q <= count_q - 8'd1;
            state_q <= (count_q == 8'd1) ? StHeader : StGather;
          end
        end
        StClear: begin
          if (ovl_ready_i) state_q <= StClearing;
        end
        StClearing: begin
          if (ovl_ready_i) state_q <= StHeader;
        end
        StCounters: state_q <= StHeader;
        StStart: begin
          if (!bist_start_o) status_q <= frame_pkg::StatusNoAlgorithm;
          state_q <= StHeader;
        end
        StHeader: begin
          out_left_q <= 5'd6;
          state_q    <= StSend;
          next_q     <= StEnd;
          if (status_q == frame_pkg::StatusDone) begin
            case (req_header_i.op)
              frame_pkg::OpRead: begin
                next_q  <= StWord;
                ahead_q <= count_q;
              end
              frame_pkg::OpBist: next_q <= StFailure;
              frame_pkg::OpIdentify: begin
                next_q     <= StRegister;
                register_q <= weight_buffer_pkg::RegCapability - 4'd1;
                count_q    <= 8'd4;
              end
              frame_pkg::OpCounters: begin
                next_q     <= StRegister;
                register_q <= weight_buffer_pkg::RegReadsLow;
                count_q    <= 8'd7;
              end
              default: ;
            endcase
          end
        end
        StSend: begin
          if (rep_ready_i) begin
            out_left_q <= out_left_q - 5'd1;
            if (out_left_q == 5'd1) state_q <= next_q;
          end
        end
        StWord: begin
          if (rsp_i.valid) begin
            out_left_q <= 5'd9;
            count_q    <= count_q - 8'd1;
            state_q    <= StSend;
            next_q     <= (count_q == 8'd1) ? StEnd : StWord;
          end
        end
        StRegister: state_q <= StValue;
        StValue: begin
          out_left_q <= 5'd4;
          register_q <= register_q + 4'd1;
          count_q    <= count_q - 8'd1;
          state_q    <= StSend;
          next_q     <= (count_q == 8'd1) ? StEnd : StRegister;
        end
        StFailure: begin
          if (fail_valid_i) begin
            failures_q <= failures_q + 32'd1;
            if (wanted) begin
              out_left_q <= 5'd22;
              count_q    <= count_q - 8'd1;
              state_q    <= StSend;
            end
          end else if (!bist_busy_i) begin
            out_left_q <= 5'd4;
            state_q    <= StSend;
            next_q     <= StEnd;
          end
        end
        default: begin  // StEnd
          if (rep_ready_i) state_q <= StIdle;
        end
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (arriving_q) entry_q <= {payload_data_i, entry_q[247:8]};
  end

  always_ff @(posedge clk_i) begin
    case (state_q)
      StHeader: out_q[47:0] <= {req_header_i.tag, status_q, 1'b1, req_header_i.op[6:0]};
      StWord:   out_q[71:0] <= {6'd0, rsp_i.status, rsp_i.rdata};
      StValue: begin
        out_q[31:0] <= reg_rdata_i;
        if (req_header_i.op == frame_pkg::OpIdentify && count_q == 8'd4)
          out_q[31:0] <= {16'(RequestBytes), frame_pkg::Version};
        if (req_header_i.op == frame_pkg::OpIdentify && count_q == 8'd1) out_q[31:0] <= last_tag_i;
        if (req_header_i.op == frame_pkg::OpCounters && count_q == 8'd1) out_q[31:0] <= bad_frames_i;
      end
      StFailure: begin
        out_q <= {fail_expected_i, fail_syndrome_i, fail_addr_i};
        if (!fail_valid_i) out_q[31:0] <= failures_q;
      end
      StSend:   if (rep_ready_i) out_q <= out_q >> 8;
      default: ;
    endcase
  end

  assign req_ready_o     = (state_q == StEnd) & rep_ready_i;
  assign payload_read_o  = (state_q == StGather) & (gather_q != '0);
  assign payload_index_o = index_q;
  assign clear_bad_o     = (state_q == StCounters);

  assign rep_valid_o = (state_q == StSend) | (state_q == StEnd);
  assign rep_end_o   = (state_q == StEnd);
  assign rep_data_o  = out_q[7:0];

  assign buf_o.valid = (state_q == StWrite) | (ahead_q != '0);
  assign buf_o.write = (state_q == StWrite);
  assign buf_o.addr  = addr_q;
  assign buf_o.wdata = entry_q[247:184];
  assign rsp_ready_o = (state_q == StWord);

  assign ovl_o.valid    = (state_q == StClear) | ((state_q == StMasks) & mask_exists);
  assign ovl_o.clear    = (state_q == StClear);
  assign ovl_o.addr     = entry_q[31:0];
  assign ovl_o.and_mask = entry_q[103:32];
  assign ovl_o.or_mask  = entry_q[175:104];
  assign ovl_o.xor_mask = entry_q[247:176];

  assign reg_o.req   = (state_q == StRegister) | (state_q == StCounters);
  assign reg_o.we    = (state_q == StCounters);
  assign reg_o.addr  = (state_q == StCounters) ? weight_buffer_pkg::RegControl : register_q;
  assign reg_o.wdata = 32'd1;

  assign bist_start_o      = (state_q == StStart) & (entry_q[143:136] < 8'd3);
  assign bist_algorithm_o  = entry_q[137:136];
  assign bist_last_addr_o  = req_header_i.address;
  assign bist_background_o = entry_q[215:144];
  assign fail_ready_o      = (state_q == StFailure);

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && rsp_i.valid) begin
      OnlyReadsAreAnswered : assert (req_valid_i && req_header_i.op == frame_pkg::OpRead)
      else $error("frame_engine: a response of the buffer without a read");
    end
    if (rst_ni && state_q == StEnd) begin
      NothingIsLeft : assert (ahead_q == '0 && !rsp_i.valid && !bist_busy_i && !fail_valid_i)
      else $error("frame_engine: the reply ends before the request is done");
    end
  end
`endif
endmodule
