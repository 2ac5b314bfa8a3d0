#pragma once

#include <string>
#include <vector>

#include "base/processor.h"
#include "inference/kernels/integer_kernels.h"

namespace brownout {

/// Returns the integer kernels of instructionSetFor(name), with VNNI where this processor has it.
/// Throws Error like it.
const kernels::IntegerKernels& integerKernelsFor(const std::string& name = "");

/// Returns all integer kernels that this processor runs, slowest first.
std::vector<const kernels::IntegerKernels*> availableIntegerKernels();

/// Returns the words of scratch that IntegerWinogradArgs need.
std::size_t winogradScratchWords(std::int32_t pairs, std::int32_t rows, std::int32_t lanes);

}  // namespace brownout
