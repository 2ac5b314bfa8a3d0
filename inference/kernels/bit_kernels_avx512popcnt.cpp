// Compiled with AVX-512, VPOPCNTDQ, VBMI2 and VNNI: runs only where bit_dispatch.cpp found them.
#define BROWNOUT_LANES 16
#define BROWNOUT_BIT_KERNELS kBitAvx512Popcnt
#define BROWNOUT_KERNELS_NAME "avx512popcnt"
#include "inference/kernels/bit_kernels.inc"
