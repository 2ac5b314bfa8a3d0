// Compiled with AVX2: runs only where bit_dispatch.cpp found it.
#define BROWNOUT_LANES 8
#define BROWNOUT_BIT_KERNELS kBitAvx2
#define BROWNOUT_KERNELS_NAME "avx2"
#include "inference/kernels/bit_kernels.inc"
