#include "inference/kernels/bit_dispatch.h"

namespace brownout {

namespace {

bool countsBits() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512vpopcntdq") != 0 &&
           __builtin_cpu_supports("avx512vbmi2") != 0 && __builtin_cpu_supports("avx512vnni") != 0;
#else
    return false;
#endif
}

}  // namespace

const kernels::BitKernels& bitKernelsFor(const std::string& name) {
    const std::string set = instructionSetFor(name);
    if (set == "avx512") return countsBits() ? kernels::kBitAvx512Popcnt : kernels::kBitAvx512;
    return set == "avx2" ? kernels::kBitAvx2 : kernels::kBitBaseline;
}

std::vector<const kernels::BitKernels*> availableBitKernels() {
    std::vector<const kernels::BitKernels*> kernels;
    for (const std::string& set : availableInstructionSets()) {
        if (set == "baseline") kernels.push_back(&kernels::kBitBaseline);
        if (set == "avx2") kernels.push_back(&kernels::kBitAvx2);
        if (set == "avx512") {
            kernels.push_back(&kernels::kBitAvx512);
            if (countsBits()) kernels.push_back(&kernels::kBitAvx512Popcnt);
        }
    }
    return kernels;
}

}  // namespace brownout
