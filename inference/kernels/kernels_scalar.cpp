// One lane: arithmetic on parameters.
#define BROWNOUT_LANES 1
#define BROWNOUT_KERNELS kScalar
#define BROWNOUT_KERNELS_NAME "scalar"
#define BROWNOUT_EIGEN EigenScalar
#include "inference/kernels/kernels.inc"
