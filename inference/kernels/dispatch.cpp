#include "inference/kernels/dispatch.h"

namespace brownout {

const kernels::Kernels& kernelsFor(const std::string& name) {
    const std::string set = instructionSetFor(name);
    if (set == kernels::kAvx512.name) return kernels::kAvx512;
    if (set == kernels::kAvx2.name) return kernels::kAvx2;
    return kernels::kBaseline;
}

const kernels::Kernels& positionKernelsOf(const kernels::Kernels& kernels) {
    if (&kernels == &kernels::kAvx512) return kernels::kAvx512Positions;
    if (&kernels == &kernels::kAvx2) return kernels::kAvx2Positions;
    return kernels::kBaselinePositions;
}

}  // namespace brownout
