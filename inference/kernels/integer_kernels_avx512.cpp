// Compiled with AVX-512: runs only where integer_dispatch.cpp found it.
#define BROWNOUT_LANES 16
#define BROWNOUT_INTEGER_KERNELS kIntegerAvx512
#define BROWNOUT_KERNELS_NAME "avx512"
#include "inference/kernels/integer_kernels.inc"
