#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "emulation/campaign_spec.h"

namespace brownout {

/// Writes the campaign as JSON on one line, keys sorted, numbers as short as they round-trip: equal
/// campaigns give equal bytes.
std::string toJson(const CampaignSpec& campaign);

/// Reads what toJson wrote. Throws Error with `place` in front if the text is not a valid campaign.
CampaignSpec campaignFromJson(std::string_view json, const std::string& place);

/// Returns the identity of a campaign: the fingerprint of its JSON without the paths, so that the
/// same inputs under another name are the same campaign.
std::string fingerprint(const CampaignSpec& campaign);

/// Returns the first difference in what identifies the campaigns ("networks[0].bits is 8 there and
/// 4 in this run": `there` is the stored one, and `hereName` says where the other one is), or
/// nothing if they are the same campaign.
std::optional<std::string> firstDifference(const CampaignSpec& there, const CampaignSpec& here,
                                           const std::string& hereName = "in this run");

}  // namespace brownout
