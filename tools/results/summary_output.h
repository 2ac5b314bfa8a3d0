#pragma once

#include <string>

#include "emulation/summary.h"

namespace brownout {

/// What `sweep --json` prints, ending in a newline. Errors are fractions; absent things are null.
std::string summaryJson(const Summary& summary);

/// The same rows as CSV with a header line.
std::string summaryCsv(const Summary& summary);

}  // namespace brownout
