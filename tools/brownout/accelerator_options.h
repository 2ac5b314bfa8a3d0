#pragma once

#include <string>

#include "emulation/request.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// Returns the memory of an accelerator that has this name; null if there is none.
AcceleratorMemory* memoryNamed(Accelerator& accelerator, const std::string& name);

/// Reads the accelerator that --accelerator names, with the energies of the profiles that its
/// description names. Throws UsageError or Error.
AcceleratorRequest acceleratorNamed(const CommandLine& line);

}  // namespace brownout
