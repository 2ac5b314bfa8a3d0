#pragma once

#include <string>

#include "emulation/campaign.h"

namespace brownout {

/// Returns what makes the memories that --memory names: "functional", "systemc" or "rtl". Throws
/// UsageError for anything else.
/// The simulated hardware for every codec of the campaign is built here, once; all threads share
/// it. Throws Error if the chips don't fit it, or if the program was built without it.
MemoryFactory memoryFor(const std::string& name, const Campaign& campaign);

/// Does the part of `memoryFor` that simulates hardware.
MemoryFactory simulatedMemoryFor(const std::string& name, const Campaign& campaign);

}  // namespace brownout
