#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/temporary_files.h"
#include "emulation/campaign_spec.h"
#include "emulation/trial_counts.h"

namespace brownout {

/// Two networks, two supplies, three chips, two offsets, 100 images: 24 trials.
CampaignSpec sampleCampaign();

/// Some counts of a trial, a function of the key alone.
TrialCounts sampleCounts(const CampaignSpec& campaign, const TrialKey& key);

/// All trials of the campaign, ascending by key.
std::vector<TrialResult> sampleTrials(const CampaignSpec& campaign);

/// The message of the Error that `function` throws, "" if it throws none. Fails the test if the
/// message has more than one line.
std::string errorOf(const std::function<void()>& function);

}  // namespace brownout
