#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "emulation/campaign_spec.h"
#include "emulation/summary.h"
#include "emulation/trial_counts.h"

namespace brownout {

/// Writes all trials as CSV, one line each after a header line, by ascending key: the same bytes in
/// whatever order they were run. A count that a trial lacks is an empty field; a counter that every
/// trial lacks has no column.
std::string trialsCsv(const CampaignSpec& campaign, std::vector<TrialResult> trials);

/// Writes all trials as JSON, {"campaign": {...}, "trials": [{"network", "point", "chip", "offset",
/// "images", ...}]}, one trial a line, by ascending key. `network` and `point` are the name and the
/// label, `offset` the layout offset itself.
std::string trialsJson(const CampaignSpec& campaign, std::vector<TrialResult> trials);

/// Writes what a command prints with --json: sensitivityJson of a campaign of parts, summaryJson of
/// any other.
std::string resultsJson(const Summary& summary);

/// Writes sweep.json, summary.csv (of a campaign of parts: sensitivity.json and sensitivity.csv)
/// and trials.csv to `folder`, each whole or not at all. Throws Error naming the file.
void writeExports(const std::filesystem::path& folder, const Summary& summary,
                  const std::vector<TrialResult>& trials);

}  // namespace brownout
