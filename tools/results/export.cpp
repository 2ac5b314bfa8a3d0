#include "tools/results/export.h"

#include <algorithm>

#include "base/numbers.h"
#include "tools/results/campaign_identity.h"
#include "tools/results/campaign_json.h"

namespace brownout {
namespace {

/// Names of the counts, in the order of fields(TrialCounts).
constexpr const char* kCountNames[] = {"images",         "wrong_clean",        "wrong_perturbed",
                                       "wrong_either",   "bits_read",          "bits_wrong",
                                       "failing_cells",  "words_read",         "words_corrected",
                                       "words_detected", "words_miscorrected", "words_silent"};

std::vector<std::uint64_t> values(const TrialCounts& counts) {
    return std::apply([](auto... each) { return std::vector<std::uint64_t>{each...}; },
                      fields(counts));
}

void sortByKey(std::vector<TrialResult>& trials) {
    std::sort(trials.begin(), trials.end(),
              [](const TrialResult& a, const TrialResult& b) { return a.key < b.key; });
}

}  // namespace

std::string trialsCsv(const CampaignSpec& campaign, std::vector<TrialResult> trials) {
    sortByKey(trials);
    std::string csv = "network,point,chip,offset";
    for (const auto* name : kCountNames) csv += std::string(",") + name;
    csv += "\n";
    for (const auto& [key, counts] : trials) {
        csv += csvText(campaign.networks.at(key.network).name) + "," +
               csvText(campaign.points.at(key.point).label) + "," + std::to_string(key.chip) + "," +
               std::to_string(campaign.offsets.at(key.offset));
        for (const auto value : values(counts)) csv += "," + std::to_string(value);
        csv += "\n";
    }
    return csv;
}

std::string trialsJson(const CampaignSpec& campaign, std::vector<TrialResult> trials) {
    sortByKey(trials);
    std::string text = "{\"campaign\": " + toJson(campaign) + ",\n \"trials\": [";
    const char* separator = "\n";
    for (const auto& [key, counts] : trials) {
        nlohmann::ordered_json trial;
        trial["network"] = campaign.networks.at(key.network).name;
        trial["point"] = campaign.points.at(key.point).label;
        trial["chip"] = key.chip;
        trial["offset"] = campaign.offsets.at(key.offset);
        const auto numbers = values(counts);
        for (std::size_t i = 0; i < numbers.size(); ++i) trial[kCountNames[i]] = numbers[i];
        text += separator + jsonText(trial);
        separator = ",\n";
    }
    return text + "\n]}\n";
}

}  // namespace brownout
