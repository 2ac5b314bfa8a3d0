// Any x86-64 processor: SSE2.
#define BROWNOUT_LANES 4
#define BROWNOUT_KERNELS kBaseline
#define BROWNOUT_KERNELS_NAME "baseline"
#define BROWNOUT_EIGEN EigenBaseline
#include "inference/kernels/kernels.inc"
