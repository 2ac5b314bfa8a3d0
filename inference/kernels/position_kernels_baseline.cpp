// Any x86-64 processor: SSE2.
#define BROWNOUT_LANES 4
#define BROWNOUT_KERNELS kBaselinePositions
#define BROWNOUT_KERNELS_NAME "baseline"
#define BROWNOUT_EIGEN EigenBaselinePositions
#include "inference/kernels/position_kernels.inc"
