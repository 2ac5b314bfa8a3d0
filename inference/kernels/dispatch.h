#pragma once

#include <string>
#include <vector>

#include "inference/kernels/kernels.h"

namespace brownout {

/// Name of the instruction set the engine runs on: "baseline", "avx2" or "avx512": the best this
/// processor has, or the one that the environment variable BROWNOUT_ISA names. Throws Error if that
/// is unknown or this processor doesn't have it.
std::string activeInstructionSet();

/// Names of those this processor has, slowest first.
std::vector<std::string> availableInstructionSets();

/// Kernels of `name`, or of activeInstructionSet() if empty. Throws Error like it.
const kernels::Kernels& kernelsFor(const std::string& name = "");

}  // namespace brownout
