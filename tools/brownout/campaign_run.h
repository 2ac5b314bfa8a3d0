#pragma once

#include <string>
#include <vector>

#include "emulation/campaign.h"
#include "emulation/shard.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// Adds the options that say where the results of a campaign go.
void addRunOptions(CommandLine& line);

/// Runs what is left of a campaign, with progress, and puts its results out as the options say:
/// printed, and kept in a folder from which the same command goes on. `command` and `arguments` are
/// the command that the page tells how to repeat.
ExitStatus runAndPutOut(const Campaign& campaign, const Shard& shard, const CommandLine& line,
                        const std::string& command, const std::vector<std::string>& arguments);

}  // namespace brownout
