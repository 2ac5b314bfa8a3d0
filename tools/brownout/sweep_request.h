#pragma once

#include "emulation/request.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// Adds the options that say what to sweep.
void addSweepOptions(CommandLine& line);

/// Reads every input that the options name and returns the campaign they ask for. Throws UsageError
/// or Error.
CampaignRequest sweepRequest(const CommandLine& line);

}  // namespace brownout
