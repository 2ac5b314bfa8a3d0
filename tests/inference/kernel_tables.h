#pragma once

#include <string>
#include <vector>

#include "base/processor.h"
#include "inference/kernels/dispatch.h"

namespace brownout {

/// Kernels with their name in a test's messages.
struct KernelTable {
    std::string name;
    const kernels::Kernels& kernels;
};

/// Returns all kernels for activations that this processor runs: of each instruction set those for
/// an image in each lane, and those for neighbouring positions of one image.
inline std::vector<KernelTable> kernelTables() {
    std::vector<KernelTable> tables;
    for (const std::string& set : availableInstructionSets()) {
        const kernels::Kernels& lanes = kernelsFor(set);
        tables.push_back({set, lanes});
        tables.push_back({set + ", positions", positionKernelsOf(lanes)});
    }
    return tables;
}

}  // namespace brownout
