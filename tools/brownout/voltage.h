#pragma once

#include <string>
#include <vector>

#include "emulation/request.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// Reads "1,0.958,22/24,0.9Vmin,0.55V,550mV" and ranges "1:0.75:0.05" (first, last, step; the sign
/// of the step is implied, and its unit, too, if it has none). A bare number is a multiple of Vmin.
/// Throws UsageError naming the item.
std::vector<SupplyRequest> parseVoltages(const std::string& text);

/// Returns the supplies that --voltages names; none for "profile", those that the profile was made
/// at.
std::vector<SupplyRequest> suppliesIn(const CommandLine& line);

/// Returns the volts that `text` is, "0.85V" or "850mV". Throws UsageError naming `option` for
/// multiples of Vmin, too: an instrument has no Vmin.
double instrumentVolts(const std::string& option, const std::string& text);
/// Returns the volts that an option has. Throws as instrumentVolts does.
double voltsIn(const CommandLine& line, const char* option);

}  // namespace brownout
