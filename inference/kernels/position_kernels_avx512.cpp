// Compiled with AVX-512: runs only where dispatch.cpp found it.
#define BROWNOUT_LANES 16
#define BROWNOUT_KERNELS kAvx512Positions
#define BROWNOUT_KERNELS_NAME "avx512"
#define BROWNOUT_EIGEN EigenAvx512Positions
#include "inference/kernels/position_kernels.inc"
