#include "base/processor.h"

#include <cstdlib>

#include "base/error.h"

namespace brownout {
namespace {

std::string forcedInstructionSet() {
    const char* forced = std::getenv("BROWNOUT_ISA");
    return forced != nullptr ? forced : "";
}

}  // namespace

std::vector<std::string> availableInstructionSets() {
    std::vector<std::string> sets = {"baseline"};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0) {
        sets.emplace_back("avx2");
        if (__builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
            __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0) {
            sets.emplace_back("avx512");
        }
    }
#endif
    return sets;
}

bool halvesWideVectors() {
#if defined(__x86_64__)
    return __builtin_cpu_is("amdfam19h") != 0 && __builtin_cpu_supports("avx512f") != 0;
#else
    return false;
#endif
}

std::string instructionSetFor(const std::string& name) {
    const std::string wanted = !name.empty() ? name : forcedInstructionSet();
    const std::vector<std::string> available = availableInstructionSets();
    if (wanted.empty()) return available.back();
    std::string names;
    for (const std::string& set : available) {
        if (set == wanted) return set;
        names += (names.empty() ? "" : ", ") + set;
    }
    throw Error(name.empty() ? "BROWNOUT_ISA" : "instruction set",
                "'" + wanted + "' is not one of what this processor runs: " + names);
}

}  // namespace brownout
