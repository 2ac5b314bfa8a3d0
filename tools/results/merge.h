#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "emulation/campaign_spec.h"
#include "emulation/trial_counts.h"
#include "tools/results/results_store.h"

namespace brownout {

/// Joins the stores in `folders`, the shards of one campaign in any order, into a store of the
/// whole campaign in the folder `out`, which may hold some of its trials already. Throws Error, one
/// line that names the folder, if
/// - one of them isn't of the same campaign as the first (naming the first difference),
/// - two of them hold the same trial with different counts (naming the trial and both folders),
/// - or `out` is one of them.
/// `out` is unchanged then.
ResultsStore mergeStores(const std::vector<std::filesystem::path>& folders,
                         const std::filesystem::path& out);

/// Describes the trials that `trials` lack ("12 of 90 trials are missing: 12 of shard 1/3"),
/// counted by shard where the stores in `folders` are the shards of one division; empty if none is
/// missing.
std::string describeMissing(const CampaignSpec& campaign, const std::vector<TrialResult>& trials,
                            const std::vector<std::filesystem::path>& folders);

}  // namespace brownout
