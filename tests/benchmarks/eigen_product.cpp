// Compiled once for each instruction set; BROWNOUT_PRODUCT names the function. Eigen gets a
// namespace of its own each time, so that the linker can't take code for one processor in another's
// place.
#define Eigen BROWNOUT_EIGEN_NAMESPACE
#include "tests/benchmarks/eigen_product.h"

#include <Eigen/Core>

namespace brownout {

void BROWNOUT_PRODUCT(const float* a, const float* b, float* c, long size) {
    using Map = Eigen::Map<Eigen::MatrixXf>;
    using ConstMap = Eigen::Map<const Eigen::MatrixXf>;
    Map(c, size, size).noalias() = ConstMap(a, size, size) * ConstMap(b, size, size);
}

}  // namespace brownout
