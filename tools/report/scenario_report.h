#pragma once

#include <string>
#include <vector>

#include "emulation/scenario/scenario.h"
#include "emulation/scenario/scenario_summary.h"

namespace brownout {

/// A finished scenario with all that is shown of it.
struct ScenarioReport {
    const ScenarioRequest& request;
    const ScenarioResult& result;
    ScenarioSummary summary;
};

/// Returns the policy and its settings in words: "ecc: at most 8 corrected words a reading, ...".
std::string policyText(const ScenarioReport& report);

/// Returns the energy saved against the guard band with its interval, in percent: "14.2 % [13.9,
/// 14.6]"; empty without energies.
std::string savingText(const ScenarioSummary& summary);

/// Returns a table of the chips: its headings, and a row for each chip.
std::vector<std::vector<std::string>> chipRows(const ScenarioReport& report);

/// Returns the chips whose accuracy fell further than allowed, in words.
std::string chipsBelowText(const ScenarioReport& report);

/// Returns the scenario as an HTML page that needs no other file: supply, temperature, error,
/// power, and corrected, detected and silent words on one time axis, and a table of the chips.
/// Throws Error if gnuplot is missing or fails.
std::string scenarioPage(const ScenarioReport& report, const std::string& version);

}  // namespace brownout
