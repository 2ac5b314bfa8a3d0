#include "inference/kernels/dispatch.h"

#include <cstdlib>

#include "base/error.h"

namespace brownout {

namespace {

std::vector<const kernels::Kernels*> availableKernels() {
    std::vector<const kernels::Kernels*> available = {&kernels::kBaseline};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        available.push_back(&kernels::kAvx2);
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
            available.push_back(&kernels::kAvx512);
        }
    }
    return available;
}

}  // namespace

const kernels::Kernels& kernelsFor(const std::string& name) {
    const char* forced = std::getenv("BROWNOUT_ISA");
    const std::string wanted =
        !name.empty() ? name : (forced != nullptr ? std::string(forced) : std::string());
    const std::vector<const kernels::Kernels*> available = availableKernels();
    if (wanted.empty()) {
        return *available.back();
    }
    std::string names;
    for (const kernels::Kernels* candidate : available) {
        if (wanted == candidate->name) {
            return *candidate;
        }
        names += (names.empty() ? "" : ", ") + std::string(candidate->name);
    }
    throw Error(name.empty() ? "BROWNOUT_ISA" : "instruction set",
                "'" + wanted + "' is not one of what this processor runs: " + names);
}

std::string activeInstructionSet() { return kernelsFor().name; }

std::vector<std::string> availableInstructionSets() {
    std::vector<std::string> names;
    for (const kernels::Kernels* candidate : availableKernels()) {
        names.emplace_back(candidate->name);
    }
    return names;
}

}  // namespace brownout
