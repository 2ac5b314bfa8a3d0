#pragma once

#include <cstdint>

#include "tools/brownout/sweep_setup.h"

namespace brownout {

/// Opens the profile that the options name, at the temperature they ask for, and adds its points,
/// chips and faults to the campaign. Warns on stderr if the counts of a measured profile don't
/// cover what the campaign uses. Throws UsageError or Error.
void setUpProfile(const CommandLine& line, SweepSetup& setup);

/// --chips. Throws UsageError.
std::uint32_t chipsOf(const CommandLine& line);

}  // namespace brownout
