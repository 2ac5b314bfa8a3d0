// The identity of a campaign: all that decides its results, and no paths.

#include "tools/results/campaign_identity.h"

#include "base/fingerprint.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

using nlohmann::json;

/// Returns the JSON of the campaign without its paths. The functional memory gives the
/// same by definition as going through none, and is left out, as older versions did.
json identityOf(const CampaignSpec& campaign) {
    // Through text and back, so that it is the same before and after it was stored.
    auto identity = json::parse(toJson(campaign));
    for (auto& network : identity["networks"]) network.erase("path");
    identity["data"].erase("path");
    if (identity.contains("accelerator")) identity["accelerator"].erase("path");
    if (identity.contains("device")) {
        identity["device"].erase("target_path");
        identity["device"].erase("supply_path");
    }
    if (campaign.memory == "functional") identity.erase("memory");
    if (!identity["profile"].is_null()) identity["profile"].erase("path");
    return identity;
}

/// Returns the first difference of two values; `name` is the path to them within the campaign.
std::optional<std::string> difference(const json& there, const json& here, const std::string& name,
                                      const std::string& hereName) {
    if (there == here) return std::nullopt;
    if (there.is_object() && here.is_object()) {
        const std::string prefix = name.empty() ? "" : name + ".";
        for (const auto& [key, value] : there.items()) {
            if (!here.contains(key)) {
                return prefix + key + " is " + jsonLine(value) + " there and absent " + hereName;
            }
            if (auto found = difference(value, here.at(key), prefix + key, hereName)) return found;
        }
        for (const auto& [key, value] : here.items()) {
            if (there.contains(key)) continue;
            return prefix + key + " is absent there and " + jsonLine(value) + " " + hereName;
        }
    }
    if (there.is_array() && here.is_array()) {
        if (there.size() != here.size()) {
            return name + " has " + std::to_string(there.size()) + " entries there and " +
                   std::to_string(here.size()) + " " + hereName;
        }
        for (std::size_t i = 0; i < there.size(); ++i) {
            const auto element = name + "[" + std::to_string(i) + "]";
            if (auto found = difference(there[i], here[i], element, hereName)) return found;
        }
    }
    return name + " is " + jsonLine(there) + " there and " + jsonLine(here) + " " + hereName;
}

}  // namespace

std::string fingerprint(const CampaignSpec& campaign) {
    return fingerprint(std::string_view(jsonLine(identityOf(campaign))));
}

std::optional<std::string> firstDifference(const CampaignSpec& there, const CampaignSpec& here,
                                           const std::string& hereName) {
    const json a = identityOf(there);
    const json b = identityOf(here);
    // The number of images says more than the fingerprint that it changes.
    if (auto found = difference(a.at("images"), b.at("images"), "images", hereName)) return found;
    return difference(a, b, "", hereName);
}

}  // namespace brownout
