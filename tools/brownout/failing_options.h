#pragma once

#include <optional>
#include <string>

#include "emulation/request.h"
#include "profiles/profile.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// Adds the options of an accelerator whose memories fail, and of supplies that stay the same.
void addFailingOptions(CommandLine& line);

/// Returns the profile that --profile gives a memory, "weights=FILE"; without a name it is that of
/// weights. Throws UsageError, and Error where the file can't be read.
std::optional<Profile> profileOf(const CommandLine& line, const std::string& memory);

/// Adds the accelerator, and which of its memories fail, to a request that has its profile. Throws
/// UsageError or Error.
void addAccelerator(const CommandLine& line, CampaignRequest& request);

/// Adds the supplies that --supply fixes; 'rest' stands for --voltages. Throws UsageError.
void addFixedSupplies(const CommandLine& line, CampaignRequest& request);

}  // namespace brownout
