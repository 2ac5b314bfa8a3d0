#pragma once

#include <string>

#include "hardware/connection/deadline.h"
#include "hardware/connection/link_trouble.h"

namespace brownout {

/// Waits until a descriptor is ready for `events` (of poll) or has failed, which the call that
/// follows then reports; returns false at the deadline.
bool waitFor(int descriptor, short events, Deadline deadline);

/// Returns the LinkTrouble "NAME: PROBLEM: reason of errno" of a failed system call.
LinkTrouble linkTrouble(const std::string& name, const std::string& problem, int errorNumber);

}  // namespace brownout
