#pragma once

#include <cstdint>

#include "profiles/profile.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// Returns the number of the chip that `option` names. Throws UsageError if the profile has no such
/// chip.
std::uint32_t chipNumber(const CommandLine& line, const char* option, const Profile& profile);

}  // namespace brownout
