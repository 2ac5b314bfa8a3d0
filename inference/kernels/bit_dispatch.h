#pragma once

#include <string>
#include <vector>

#include "base/processor.h"
#include "inference/kernels/bit_kernels.h"

namespace brownout {

/// Returns the kernels of bits of instructionSetFor(name), with VPOPCNTDQ where this processor has
/// it. Throws Error like it.
const kernels::BitKernels& bitKernelsFor(const std::string& name = "");

/// Returns all kernels of bits that this processor runs, slowest first.
std::vector<const kernels::BitKernels*> availableBitKernels();

}  // namespace brownout
