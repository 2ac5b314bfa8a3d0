#pragma once

#include <string>

#include "emulation/summary.h"

namespace brownout {

/// Writes the summary as text for people: one block of aligned columns per network, in UTF-8,
/// ending in a newline. Errors and bit error rates are percentages; columns that no point has
/// (voltage and energy in uniform mode) are left out. With `bold`, headings are set in bold by
/// terminal sequences.
std::string summaryTable(const Summary& summary, bool bold);

/// Writes the rates that the networks of a campaign, or parts of them, stand, likewise.
std::string berzadText(const Summary& summary, bool bold);

}  // namespace brownout
