#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tools/campaign/campaign.h"

namespace brownout {

/// The campaign as a JSON value; toJson() prints it. For the .cpp files of this folder only.
nlohmann::json campaignJson(const CampaignSpec& campaign);

/// The text of a JSON value, on one line or indented. File names may hold bytes that are not UTF-8;
/// they become U+FFFD.
template <typename Json>
std::string jsonText(const Json& value, int indent = -1) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/// Null if absent.
nlohmann::json jsonOrNull(const std::optional<double>& number);

}  // namespace brownout
