// Compiled with AVX2 and FMA: runs only where dispatch.cpp found them.
#define BROWNOUT_LANES 8
#define BROWNOUT_KERNELS kAvx2Positions
#define BROWNOUT_KERNELS_NAME "avx2"
#define BROWNOUT_EIGEN EigenAvx2Positions
#include "inference/kernels/position_kernels.inc"
