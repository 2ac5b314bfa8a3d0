#pragma once

#include <string>

#include "emulation/summary.h"

namespace brownout {

/// Writes a summary in the form that `sweep --json` prints, ending in a newline. Errors are
/// fractions; absent things are null.
std::string summaryJson(const Summary& summary);

/// Writes the rows of a summary as CSV with a header line.
std::string summaryCsv(const Summary& summary);

}  // namespace brownout
