#include "tools/results/export.h"

#include <algorithm>

#include "base/atomic_file.h"
#include "base/numbers.h"
#include "tools/results/berzad_output.h"
#include "tools/results/campaign_identity.h"
#include "tools/results/json_values.h"
#include "tools/results/summary_output.h"

namespace brownout {
namespace {

/// Returns the counters that the trials have. One that no trial has is no column of theirs.
std::vector<const Counter*> countersOf(const std::vector<TrialResult>& trials) {
    std::vector<const Counter*> present;
    for (const Counter& counter : kCounters) {
        const bool there = std::any_of(trials.begin(), trials.end(), [&](const TrialResult& trial) {
            return counter.of(trial.counts).has_value();
        });
        if (there || !counter.mayBeAbsent()) present.push_back(&counter);
    }
    return present;
}

void sortByKey(std::vector<TrialResult>& trials) {
    std::sort(trials.begin(), trials.end(),
              [](const TrialResult& a, const TrialResult& b) { return a.key < b.key; });
}

}  // namespace

std::string trialsCsv(const CampaignSpec& campaign, std::vector<TrialResult> trials) {
    sortByKey(trials);
    std::string csv = "network,point,chip,offset";
    const auto counters = countersOf(trials);
    for (const auto* counter : counters) csv += std::string(",") + counter->name();
    csv += "\n";
    for (const auto& [key, counts, strata] : trials) {
        csv += csvText(campaign.networks.at(key.network).name) + "," +
               csvText(campaign.points.at(key.point).label) + "," + std::to_string(key.chip) + "," +
               std::to_string(campaign.offsets.at(key.offset));
        for (const auto* counter : counters) {
            const auto count = counter->of(counts);
            csv += "," + (count ? std::to_string(*count) : "");
        }
        csv += "\n";
    }
    return csv;
}

std::string trialsJson(const CampaignSpec& campaign, std::vector<TrialResult> trials) {
    sortByKey(trials);
    std::string text = "{\"campaign\": " + toJson(campaign) + ",\n \"trials\": [";
    const auto counters = countersOf(trials);
    const char* separator = "\n";
    for (const auto& [key, counts, strata] : trials) {
        nlohmann::ordered_json trial;
        trial["network"] = campaign.networks.at(key.network).name;
        trial["point"] = campaign.points.at(key.point).label;
        trial["chip"] = key.chip;
        trial["offset"] = campaign.offsets.at(key.offset);
        for (const auto* counter : counters) {
            const auto count = counter->of(counts);
            trial[counter->name()] = orNull<nlohmann::ordered_json>(count);
        }
        text += separator + jsonLine(trial);
        separator = ",\n";
    }
    return text + "\n]}\n";
}

std::string resultsJson(const Summary& summary) {
    return isOfParts(summary.campaign) ? sensitivityJson(summary) : summaryJson(summary);
}

void writeExports(const std::filesystem::path& folder, const Summary& summary,
                  const std::vector<TrialResult>& trials) {
    const bool parts = isOfParts(summary.campaign);
    writeAtomically(folder / (parts ? "sensitivity.json" : "sweep.json"), resultsJson(summary));
    if (parts) {
        writeAtomically(folder / "sensitivity.csv", sensitivityCsv(summary));
    } else {
        writeAtomically(folder / "summary.csv", summaryCsv(summary));
    }
    writeAtomically(folder / "trials.csv", trialsCsv(summary.campaign, trials));
}

}  // namespace brownout
