#pragma once

#include <cstdint>

#include "tools/brownout/sweep_setup.h"

namespace brownout {

/// Opens the profile that the options name, at the temperature they ask for, and adds its points,
/// chips and faults to the campaign. Warns on stderr if the counts of a measured profile don't
/// cover what the campaign uses. Throws UsageError or Error.
void setUpProfile(const CommandLine& line, SweepSetup& setup);

/// --chips; unless it is given 10, or all of `most` if there are fewer. Throws UsageError.
std::uint32_t chipsOf(const CommandLine& line, std::uint32_t most);

}  // namespace brownout
