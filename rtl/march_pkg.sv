/// March algorithms as data: a march_bist does them element by element.
///
/// An operation has 2 bits: [1] write (else read), [0] value (0: the background, 1: its complement).
/// An element has 16 bits: [15] down (from the last address to the first; else up, which also serves for "any order"),
/// [14:12] number of operations, 1 to 6, which are done at one address before the next, [11:0] the operations, first one lowest.
/// An algorithm has 8 elements, the first one lowest; one without operations ends it.
package march_pkg;
  localparam logic [1:0] R0 = 2'b00;
  localparam logic [1:0] R1 = 2'b01;
  localparam logic [1:0] W0 = 2'b10;
  localparam logic [1:0] W1 = 2'b11;

  localparam logic Up   = 1'b0;
  localparam logic Down = 1'b1;

  localparam logic [15:0] End      = 16'd0;
  localparam logic [15:0] UpW0     = {Up, 3'd1, 10'd0, W0};
  localparam logic [15:0] UpR0     = {Up, 3'd1, 10'd0, R0};
  localparam logic [15:0] UpR0W1   = {Up, 3'd2, 8'd0, W1, R0};
  localparam logic [15:0] UpR1W0   = {Up, 3'd2, 8'd0, W0, R1};
  localparam logic [15:0] DownR0W1 = {Down, 3'd2, 8'd0, W1, R0};
  localparam logic [15:0] DownR1W0 = {Down, 3'd2, 8'd0, W0, R1};
  // Elements of March SS: two reads, a write that changes nothing, a read, and the write that changes.
  localparam logic [15:0] UpSs0    = {Up, 3'd5, 2'd0, W1, R0, W0, R0, R0};
  localparam logic [15:0] UpSs1    = {Up, 3'd5, 2'd0, W0, R1, W1, R1, R1};
  localparam logic [15:0] DownSs0  = {Down, 3'd5, 2'd0, W1, R0, W0, R0, R0};
  localparam logic [15:0] DownSs1  = {Down, 3'd5, 2'd0, W0, R1, W1, R1, R1};

  // MATS+ makes 5 operations a word: {any w0; up r0,w1; down r1,w0}.
  localparam logic [127:0] MatsPlus = {{5{End}}, DownR1W0, UpR0W1, UpW0};
  // March C- makes 10: {any w0; up r0,w1; up r1,w0; down r0,w1; down r1,w0; any r0}.
  localparam logic [127:0] MarchCMinus =
      {{2{End}}, UpR0, DownR1W0, DownR0W1, UpR1W0, UpR0W1, UpW0};
  // March SS makes 22: {any w0; up r0,r0,w0,r0,w1; up r1,r1,w1,r1,w0; down r0,r0,w0,r0,w1; down r1,r1,w1,r1,w0; any r0}.
  localparam logic [127:0] MarchSs = {{2{End}}, UpR0, DownSs1, DownSs0, UpSs1, UpSs0, UpW0};

  // Algorithms that weight_buffer_bist runs; algorithm i is at [128*i +: 128].
  localparam logic [3*128-1:0] Table = {MarchSs, MarchCMinus, MatsPlus};
endpackage
