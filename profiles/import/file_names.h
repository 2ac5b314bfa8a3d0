#pragma once

#include <optional>
#include <string>
#include <vector>

#include "profiles/fail_counts.h"

namespace brownout {

/// "0.58", "0.58V" or "580mV" in volts; nothing if it isn't one, or isn't positive.
std::optional<double> parseVolts(const std::string& text);

/// The voltages that the name of a file (its folder apart) can be read as, each once: "0.58V",
/// "580mV", "0_58", "0v58", ".58", "vdd0.58". Numbers with a unit win over those without; those
/// without have an integer part of one digit, 0 or 1, or none.
std::vector<double> voltagesInName(const std::string& path);

/// The one voltage in the name of a file; `pattern`, if not empty, is a regular expression whose
/// first group is the voltage. Throws Error naming the file if there is none or several, UsageError
/// for a bad pattern.
double voltageOfName(const std::string& path, const std::string& pattern);

/// "p01", "sa1", "stuck1", "stuck-at-1", "stuck_at_1" in the name of a file are k01; "p10", "sa0",
/// "stuck0" ... are k10. Nothing if it has neither or both.
std::optional<FailDirection> directionInName(const std::string& path);

}  // namespace brownout
