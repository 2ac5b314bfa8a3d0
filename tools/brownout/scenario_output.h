#pragma once

#include <string>

#include "tools/report/scenario_report.h"

namespace brownout {

/// Returns a scenario as JSON text, in the shape of docs/scenario.md.
std::string scenarioJson(const ScenarioReport& report);

/// Returns a scenario as CSV: a row for each interval of each chip.
std::string scenarioCsv(const ScenarioReport& report);

/// Returns a scenario as tables for people: the rows of the trace, and the chips.
std::string scenarioTable(const ScenarioReport& report);

}  // namespace brownout
