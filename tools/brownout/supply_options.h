#pragma once

#include "model/supply_domain.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// Adds --slew and --settling, the way a regulator moves a supply.
void addSupplyOptions(CommandLine& line);

/// Returns what these options say. Throws UsageError.
SupplySettings supplySettingsOf(const CommandLine& line);

}  // namespace brownout
