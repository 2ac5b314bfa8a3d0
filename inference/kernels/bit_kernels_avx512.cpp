// Compiled with AVX-512: runs only where bit_dispatch.cpp found it.
#define BROWNOUT_LANES 16
#define BROWNOUT_BIT_KERNELS kBitAvx512
#define BROWNOUT_KERNELS_NAME "avx512"
#include "inference/kernels/bit_kernels.inc"
