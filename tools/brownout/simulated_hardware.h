#pragma once

#include <memory>
#include <string>
#include <vector>

#include "profiles/profile.h"
#include "sim/systemc_memory.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/supply_options.h"
#include "tools/brownout/voltage.h"

namespace brownout {

/// Returns the parts that the simulated memories are made of: chips and energy table of the
/// profile, down to `lowestSupply`, and a protection. They start at the reference supply of the
/// table, or else at the highest that the profile knows. Throws UsageError or Error.
SimulatedMemorySettings simulatedMemorySettings(const Profile& profile, double lowestSupply,
                                                std::shared_ptr<const Protection> protection,
                                                const CommandLine& line);

}  // namespace brownout
