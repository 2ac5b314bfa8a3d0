#pragma once

#include <string>

#include "emulation/campaign.h"

namespace brownout {

/// What --memory names: "functional", "systemc" or "rtl". Throws UsageError for anything else.
/// The simulated hardware for every codec of the campaign is built here, once; all threads share
/// it. Throws Error if the chips don't fit it, or if the program was built without it.
MemoryFactory memoryFor(const std::string& name, const Campaign& campaign);

/// The part of `memoryFor` that simulates hardware.
MemoryFactory simulatedMemoryFor(const std::string& name, const Campaign& campaign);

}  // namespace brownout
