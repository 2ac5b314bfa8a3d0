// Compiled with AVX2: runs only where integer_dispatch.cpp found it.
#define BROWNOUT_LANES 8
#define BROWNOUT_INTEGER_KERNELS kIntegerAvx2
#define BROWNOUT_KERNELS_NAME "avx2"
#include "inference/kernels/integer_kernels.inc"
