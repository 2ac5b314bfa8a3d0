// Compiled with AVX-512 and VNNI: runs only where integer_dispatch.cpp found them.
#define BROWNOUT_LANES 16
#define BROWNOUT_INTEGER_KERNELS kIntegerAvx512Vnni
#define BROWNOUT_KERNELS_NAME "avx512vnni"
#include "inference/kernels/integer_kernels.inc"
