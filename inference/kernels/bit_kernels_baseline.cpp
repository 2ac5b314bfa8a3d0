// Any x86-64 processor: SSE2.
#define BROWNOUT_LANES 4
#define BROWNOUT_BIT_KERNELS kBitBaseline
#define BROWNOUT_KERNELS_NAME "baseline"
#include "inference/kernels/bit_kernels.inc"
