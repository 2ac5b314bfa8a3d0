#pragma once

#include "emulation/request.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// Adds the options that say which networks are run on which images, and how their weights lie in a
/// memory.
void addSubjectOptions(CommandLine& line);
/// Fills in what these options, and --seed, --chips and --profile, say. Throws UsageError or Error.
CampaignRequest subjectsOf(const CommandLine& line);

/// Adds the options that say what to sweep.
void addSweepOptions(CommandLine& line);

/// Reads every input that the options name and returns the campaign they ask for, of the chips of a
/// profile, of uniform errors, or of a device. Throws UsageError or Error.
CampaignRequest sweepRequest(const CommandLine& line, std::optional<DeviceSpec> device = {});

/// Adds the options that say whose parts to let fail alone.
void addSensitivityOptions(CommandLine& line);

/// The same for `sensitivity`, whose rates are searched.
CampaignRequest sensitivityRequest(const CommandLine& line);

}  // namespace brownout
