#pragma once

#include <string>

#include "base/processor.h"
#include "inference/kernels/kernels.h"

namespace brownout {

/// Returns the kernels of instructionSetFor(name). Throws Error like it.
const kernels::Kernels& kernelsFor(const std::string& name = "");

/// Returns the kernels for one image at a time with the bits of `kernels`.
const kernels::Kernels& positionKernelsOf(const kernels::Kernels& kernels);

}  // namespace brownout
