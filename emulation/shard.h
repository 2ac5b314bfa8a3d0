#pragma once

#include <cstdint>
#include <string>

#include "emulation/campaign_spec.h"
#include "emulation/trial_counts.h"

namespace brownout {

// The trials of a campaign are numbered from 0 to trialCount() - 1: chip by chip, within a chip
// point by point, then offset by offset, and network by network. A shard is a run of consecutive
// numbers, so that a chip is drawn in one place, or in few.

/// Returns the trial with number `index`.
TrialKey trialAt(const CampaignSpec& campaign, std::uint64_t index);

/// Returns the number of a trial, which must be part of the campaign.
std::uint64_t indexOf(const CampaignSpec& campaign, const TrialKey& key);

/// One of `count` parts of a campaign, by number from 0. The whole campaign is shard 0 of 1. Sizes
/// of the parts differ by at most one trial.
struct Shard {
    std::uint32_t index = 0;
    std::uint32_t count = 1;

    bool isWhole() const { return count == 1; }
};

inline bool operator==(const Shard& a, const Shard& b) {
    return a.index == b.index && a.count == b.count;
}
inline bool operator!=(const Shard& a, const Shard& b) { return !(a == b); }

/// Returns the number of trials in the shard.
std::uint64_t trialCount(const CampaignSpec& campaign, const Shard& shard);

/// Returns the shard, one of `count`, that a trial of the campaign belongs to.
Shard shardOf(const CampaignSpec& campaign, const TrialKey& key, std::uint32_t count);

/// Writes a shard as "0/3".
std::string toString(const Shard& shard);

/// Reads a shard from "0/3". Throws UsageError with `option` in front if it isn't I/N with 0 <= I <
/// N.
Shard shardFromString(const std::string& option, const std::string& text);

}  // namespace brownout
