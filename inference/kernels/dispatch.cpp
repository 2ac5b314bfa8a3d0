#include "inference/kernels/dispatch.h"

namespace brownout {

const kernels::Kernels& kernelsFor(const std::string& name) {
    const std::string set = instructionSetFor(name);
    if (set == kernels::kAvx512.name) return kernels::kAvx512;
    if (set == kernels::kAvx2.name) return kernels::kAvx2;
    return kernels::kBaseline;
}

}  // namespace brownout
