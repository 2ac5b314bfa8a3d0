// Any x86-64 processor: SSE2.
#define BROWNOUT_LANES 4
#define BROWNOUT_INTEGER_KERNELS kIntegerBaseline
#define BROWNOUT_KERNELS_NAME "baseline"
#include "inference/kernels/integer_kernels.inc"
