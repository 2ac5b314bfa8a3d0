#pragma once

#include <optional>
#include <string>
#include <vector>

#include "profiles/fail_counts.h"

namespace brownout {

/// Returns "0.58", "0.58V" or "580mV" in volts, `decimal` being a point or a comma; nothing if
/// `text` isn't such a voltage, isn't positive, or is a bare number that can only be millivolts.
std::optional<double> parseVolts(const std::string& text, char decimal = '.');

/// Returns the problem with a text that parseVolts refused: "580 volts? write 580mV or 0.58V", or
/// what was found, after the word `what` ("voltage "), and expected.
std::string voltsProblem(const std::string& text, const std::string& what = "");

/// Returns the voltages that the name of a file (its folder apart) can be read as, each once:
/// "0.58V", "580mV", "0_58", "0,58", "0v58", ".58", "vdd0.58". Numbers with a unit win over those
/// without; those without have an integer part of one digit, 0 or 1, or none.
std::vector<double> voltagesInName(const std::string& path);

/// Returns the one voltage in the name of a file; `pattern`, if not empty, is a regular expression
/// whose first group is the voltage. Throws Error naming the file if there is none or several,
/// UsageError for a bad pattern.
double voltageOfName(const std::string& path, const std::string& pattern);

/// Returns the direction in the name of a file: k01 for "p01", "sa1", "stuck1", "stuck-at-1",
/// "stuck_at_1"; k10 for "p10", "sa0", "stuck0" ...; nothing if the name has neither or both.
std::optional<FailDirection> directionInName(const std::string& path);

}  // namespace brownout
