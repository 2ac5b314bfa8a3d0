/// March test of a memory of words, one operation a cycle.
///
/// Parameters: Words, Width (bits a word, at most 72), Algorithms (how many Table holds), Table (march_pkg says how an
/// algorithm is written).
/// Ports: start_i begins algorithm algorithm_i over the words 0 to last_addr_i; background_i is the word that "0" means, its
/// complement is "1". The last two are held while busy_o. done_o rises at the end and falls at the next start; failed_o says
/// whether any word read wrong. raw_* drives a memory with one cycle of latency, such as weight_buffer.
/// fail_* (valid/ready) reports every wrong read: its address, its wrong bits as ones in fail_syndrome_o, and the right word
/// in fail_expected_o, so that the wrong bits read ~fail_expected_o.
/// Behaviour: the memory holds afterwards the words that the algorithm wrote last. While the reader of failures waits, so does the test;
/// busy_o falls after the last failure has been taken. An algorithm_i that the table lacks ends at once.
module march_bist #(
  parameter  int unsigned             Words      = 16384,
  parameter  int unsigned             Width      = 72,
  parameter  int unsigned             Algorithms = 3,
  parameter  logic [Algorithms*128-1:0] Table    = march_pkg::Table,
  localparam int unsigned             AddrWidth  = $clog2(Words)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 start_i,
  input  logic [1:0]           algorithm_i,
  input  logic [AddrWidth-1:0] last_addr_i,
  input  logic [71:0]          background_i,
  output logic                 busy_o,
  output logic                 done_o,
  output logic                 failed_o,
  // Memory
  output logic                 raw_en_o,
  output logic                 raw_req_o,
  output logic                 raw_we_o,
  output logic [AddrWidth-1:0] raw_addr_o,
  output logic [71:0]          raw_wdata_o,
  input  logic [71:0]          raw_rdata_i,
  // Failures
  output logic                 fail_valid_o,
  input  logic                 fail_ready_i,
  output logic [AddrWidth-1:0] fail_addr_o,
  output logic [71:0]          fail_syndrome_o,
  output logic [71:0]          fail_expected_o
);
  localparam logic [71:0] WordMask = {72{1'b1}} >> (72 - Width);

  // Position of the test.
  logic                 busy_q, issuing_q;
  logic [127:0]         elements_q;  // elements still to come, the present one lowest
  logic [2:0]           op_q;
  logic [AddrWidth-1:0] addr_q;
  logic [127:0]         chosen;
  logic [15:0]          element;
  logic [3:0]           next_head;
  logic [1:0]           op;
  logic                 issue, last_op, last_word, last_element;
  // Read of the cycle before.
  logic                 checking_q, check_value_q;
  logic [AddrWidth-1:0] check_addr_q;
  logic [71:0]          wrong;
  // Failures have two places: the second one takes the failure that was under way when the reader stopped.
  logic [1:0]           count_q;
  logic [AddrWidth-1:0] fail_addr_q     [2];
  logic [71:0]          fail_syndrome_q [2];
  logic                 fail_value_q    [2];
  logic                 push, pop;

  always_comb begin : look_up
    int i;
    i      = 0;
    chosen = '0;
    if (start_i) begin
      for (i = 0; i < Algorithms; i = i + 1) begin
        if (32'(algorithm_i) == i) chosen = Table[i*128+:128];
      end
    end
  end

  assign element      = elements_q[15:0];
  assign next_head    = elements_q[31:28];
  assign op           = element[2*op_q+:2];
  assign last_op      = (op_q + 3'd1 == element[14:12]);
  assign last_word    = (addr_q == (element[15] ? '0 : last_addr_i));
  assign last_element = (next_head[2:0] == '0);

  // A read may fail two cycles from now: there must be a place for it.
  assign issue = issuing_q & (count_q + 2'(checking_q) < 2'd2);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q     <= 1'b0;
      done_o     <= 1'b0;
      issuing_q  <= 1'b0;
      elements_q <= '0;
      op_q       <= '0;
      addr_q     <= '0;
    end else if (!busy_q) begin
      if (start_i) begin
        busy_q     <= 1'b1;
        done_o     <= 1'b0;
        issuing_q  <= (chosen[14:12] != '0);
        elements_q <= chosen;
        op_q       <= '0;
        addr_q     <= chosen[15] ? last_addr_i : '0;
      end
    end else begin
      if (issue) begin
        op_q <= last_op ? '0 : op_q + 3'd1;
        if (last_op && last_word) begin
          elements_q <= elements_q >> 16;
          issuing_q  <= ~last_element;
          addr_q     <= next_head[3] ? last_addr_i : '0;
        end else if (last_op) begin
          addr_q <= element[15] ? addr_q - 1'b1 : addr_q + 1'b1;
        end
      end
      if (!issuing_q && !checking_q && count_q == '0) begin
        busy_q <= 1'b0;
        done_o <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      checking_q    <= 1'b0;
      check_value_q <= 1'b0;
      check_addr_q  <= '0;
    end else begin
      checking_q <= issue & ~op[1];
      if (issue) begin
        check_value_q <= op[0];
        check_addr_q  <= addr_q;
      end
    end
  end

  always_comb begin
    wrong = '0;
    if (checking_q) wrong = (raw_rdata_i ^ background_i ^ {72{check_value_q}}) & WordMask;
  end

  assign push = (wrong != '0);
  assign pop  = fail_valid_o & fail_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q  <= '0;
      failed_o <= 1'b0;
    end else begin
      if (push && !pop) count_q <= count_q + 2'd1;
      else if (pop && !push) count_q <= count_q - 2'd1;
      if (push) failed_o <= 1'b1;
      else if (start_i && !busy_q) failed_o <= 1'b0;
    end
  end

  // The reader sees place 0.
  always_ff @(posedge clk_i) begin
    if (pop) begin
      fail_addr_q[0]     <= fail_addr_q[1];
      fail_syndrome_q[0] <= fail_syndrome_q[1];
      fail_value_q[0]    <= fail_value_q[1];
    end
    if (push) begin
      if (count_q == '0 || (count_q == 2'd1 && pop)) begin
        fail_addr_q[0]     <= check_addr_q;
        fail_syndrome_q[0] <= wrong;
        fail_value_q[0]    <= check_value_q;
      end else begin
        fail_addr_q[1]     <= check_addr_q;
        fail_syndrome_q[1] <= wrong;
        fail_value_q[1]    <= check_value_q;
      end
    end
  end

  assign busy_o     = busy_q;
  assign raw_en_o   = busy_q;
  assign raw_req_o  = issue;
  assign raw_we_o   = op[1];
  assign raw_addr_o = addr_q;

  always_comb begin
    raw_wdata_o = '0;
    if (issue && op[1]) raw_wdata_o = (background_i ^ {72{op[0]}}) & WordMask;
  end

  assign fail_valid_o    = (count_q != '0);
  assign fail_addr_o     = fail_addr_q[0];
  assign fail_syndrome_o = fail_syndrome_q[0];

  always_comb begin
    fail_expected_o = '0;
    if (fail_valid_o) fail_expected_o = (background_i ^ {72{fail_value_q[0]}}) & WordMask;
  end

`ifndef SYNTHESIS
  logic [AddrWidth-1:0] last_addr_q;
  logic [71:0]          background_q;

  always_ff @(posedge clk_i) begin
    if (!busy_q && start_i) begin
      last_addr_q  <= last_addr_i;
      background_q <= background_i;
    end
    if (rst_ni && busy_q) begin
      SettingsStay : assert (last_addr_i == last_addr_q && background_i == background_q)
      else $error("march_bist: last address or background changed during a test");
      NotStartedTwice : assert (!start_i)
      else $error("march_bist: started during a test");
    end
    if (rst_ni && !busy_q && start_i) begin
      AlgorithmExists : assert (32'(algorithm_i) < Algorithms)
      else $error("march_bist: no algorithm %0d", algorithm_i);
      WordExists : assert (32'(last_addr_i) < Words)
      else $error("march_bist: last address %0d of %0d words", last_addr_i, Words);
    end
    if (rst_ni && push) begin
      NoFailureIsLost : assert (count_q != 2'd2)
      else $error("march_bist: a failure has no place");
    end
  end
`endif
endmodule
