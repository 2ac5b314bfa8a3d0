#pragma once

#include "tools/brownout/command_line.h"

namespace brownout {

/// Adds the options that only simulated hardware has: none in a build without it.
void addBistSimulation(CommandLine& line);

/// Tests chips of --profile in the simulated hardware that --target names and writes the profile
/// --out. Throws UsageError or Error, also in a build without that hardware.
ExitStatus bistSimulated(const CommandLine& line);

}  // namespace brownout
