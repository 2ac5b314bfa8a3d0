#pragma once

#include <optional>
#include <string>
#include <vector>

#include "profiles/fail_counts.h"

namespace brownout {

/// Returns "0.58", "0.58V" or "580mV" in volts; nothing if `text` isn't such a voltage, or isn't
/// positive.
std::optional<double> parseVolts(const std::string& text);

/// Returns the voltages that the name of a file (its folder apart) can be read as, each once:
/// "0.58V", "580mV", "0_58", "0v58", ".58", "vdd0.58". Numbers with a unit win over those without;
/// those without have an integer part of one digit, 0 or 1, or none.
std::vector<double> voltagesInName(const std::string& path);

/// Returns the one voltage in the name of a file; `pattern`, if not empty, is a regular expression
/// whose first group is the voltage. Throws Error naming the file if there is none or several,
/// UsageError for a bad pattern.
double voltageOfName(const std::string& path, const std::string& pattern);

/// Returns the direction in the name of a file: k01 for "p01", "sa1", "stuck1", "stuck-at-1",
/// "stuck_at_1"; k10 for "p10", "sa0", "stuck0" ...; nothing if the name has neither or both.
std::optional<FailDirection> directionInName(const std::string& path);

}  // namespace brownout
