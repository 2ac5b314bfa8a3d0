#pragma once

#include <string>

#include "tools/brownout/sweep_setup.h"
#include "emulation/runner.h"

namespace brownout {

/// What --memory names: "functional", "systemc" or "rtl". Throws UsageError for anything else.
/// The simulated hardware for every codec of the campaign is built here, once; all threads share
/// it. Throws Error if the chips don't fit it, or if the program was built without it.
MemoryFactory memoryFor(const std::string& name, const SweepSetup& setup);

/// The part of `memoryFor` that simulates hardware.
MemoryFactory simulatedMemoryFor(const std::string& name, const SweepSetup& setup);

}  // namespace brownout
