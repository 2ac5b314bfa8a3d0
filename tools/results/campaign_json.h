#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "emulation/campaign_spec.h"

namespace brownout {

/// Writes the campaign as a JSON value; toJson() prints it. Needs the JSON library: for files that
/// print JSON.
nlohmann::json campaignJson(const CampaignSpec& campaign);

/// Prints a JSON value, on one line or indented. File names may hold bytes that are not UTF-8;
/// they become U+FFFD.
template <typename Json>
std::string jsonText(const Json& value, int indent = -1) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace brownout
