#pragma once

#include <memory>

#include "hardware/guard/guardian.h"

namespace brownout {

/// Starts a guardian in a process of its own, which outlives this one, and waits until it is ready.
/// Call it before any thread is started. Throws Error with the guardian's reason if the supply
/// can't be brought to nominal.
std::unique_ptr<Guardian> startGuardian(const GuardSettings& settings);

}  // namespace brownout
