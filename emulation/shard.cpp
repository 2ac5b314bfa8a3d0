#include "emulation/shard.h"

#include <charconv>

#include "base/error.h"

namespace brownout {
namespace {

// Trials times shards may not fit in 64 bits.
__extension__ using Wide = unsigned __int128;

/// Number of the first trial of a shard: trials x index / count, rounded down.
std::uint64_t firstOf(std::uint64_t trials, const Shard& shard) {
    return static_cast<std::uint64_t>(Wide{trials} * shard.index / shard.count);
}

/// Reads digits and nothing else from `begin` to `end`.
bool readNumber(const char* begin, const char* end, std::uint32_t& number) {
    const auto [rest, problem] = std::from_chars(begin, end, number);
    return problem == std::errc() && rest == end;
}

}  // namespace

TrialKey trialAt(const CampaignSpec& campaign, std::uint64_t index) {
    TrialKey key;
    key.network = static_cast<std::uint32_t>(index % campaign.networks.size());
    index /= campaign.networks.size();
    key.offset = static_cast<std::uint32_t>(index % campaign.offsets.size());
    index /= campaign.offsets.size();
    key.point = static_cast<std::uint32_t>(index % campaign.points.size());
    key.chip = static_cast<std::uint32_t>(index / campaign.points.size());
    return key;
}

std::uint64_t indexOf(const CampaignSpec& campaign, const TrialKey& key) {
    std::uint64_t index = key.chip;
    index = index * campaign.points.size() + key.point;
    index = index * campaign.offsets.size() + key.offset;
    return index * campaign.networks.size() + key.network;
}

std::uint64_t trialCount(const CampaignSpec& campaign, const Shard& shard) {
    const auto trials = trialCount(campaign);
    return firstOf(trials, {shard.index + 1, shard.count}) - firstOf(trials, shard);
}

Shard shardOf(const CampaignSpec& campaign, const TrialKey& key, std::uint32_t count) {
    // The last shard whose first trial is not after this one.
    const auto next = Wide{indexOf(campaign, key)} + 1;
    return {static_cast<std::uint32_t>((next * count - 1) / trialCount(campaign)), count};
}

std::string toString(const Shard& shard) {
    return std::to_string(shard.index) + "/" + std::to_string(shard.count);
}

Shard shardFromString(const std::string& option, const std::string& text) {
    const auto slash = text.find('/');
    Shard shard;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    if (slash == std::string::npos || !readNumber(begin, begin + slash, shard.index) ||
        !readNumber(begin + slash + 1, end, shard.count) || shard.index >= shard.count) {
        throw UsageError(option, "'" + text + "'; expected I/N with I from 0 to N - 1, as in 0/3");
    }
    return shard;
}

}  // namespace brownout
