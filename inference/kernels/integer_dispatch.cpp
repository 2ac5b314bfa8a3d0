#include "inference/kernels/integer_dispatch.h"

namespace brownout {

namespace kernels {
namespace {
#include "inference/kernels/integer_scratch.inc"
}  // namespace
}  // namespace kernels

namespace {

bool hasVnni() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512vnni") != 0;
#else
    return false;
#endif
}

}  // namespace

const kernels::IntegerKernels& integerKernelsFor(const std::string& name) {
    const std::string set = instructionSetFor(name);
    if (set == "avx512") return hasVnni() ? kernels::kIntegerAvx512Vnni : kernels::kIntegerAvx512;
    return set == "avx2" ? kernels::kIntegerAvx2 : kernels::kIntegerBaseline;
}

std::vector<const kernels::IntegerKernels*> availableIntegerKernels() {
    std::vector<const kernels::IntegerKernels*> kernels;
    for (const std::string& set : availableInstructionSets()) {
        if (set == "baseline") kernels.push_back(&kernels::kIntegerBaseline);
        if (set == "avx2") kernels.push_back(&kernels::kIntegerAvx2);
        if (set == "avx512") {
            kernels.push_back(&kernels::kIntegerAvx512);
            if (hasVnni()) kernels.push_back(&kernels::kIntegerAvx512Vnni);
        }
    }
    return kernels;
}

std::size_t winogradScratchWords(std::int32_t pairs, std::int32_t rows, std::int32_t lanes) {
    return static_cast<std::size_t>(kernels::winogradScratch(pairs, rows, lanes));
}

}  // namespace brownout
