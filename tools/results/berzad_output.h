#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "emulation/summary.h"

namespace brownout {

/// Returns the rates that the networks of a campaign stand, and the decisions that they rest on, as
/// `sweep --berzad --json` prints them. Rates that even the lowest one tested exceeds are null.
nlohmann::ordered_json berzadJson(const Summary& summary);

/// Writes a campaign whose networks are parts of networks as `sensitivity --json` prints it, ending
/// in a newline: a row for each part, "layer" or "bit" null where it is all of them.
std::string sensitivityJson(const Summary& summary);

/// Writes the same rows, without the decisions, as CSV with a header line.
std::string sensitivityCsv(const Summary& summary);

}  // namespace brownout
