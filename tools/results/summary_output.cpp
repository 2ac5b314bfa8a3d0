// How a summary leaves the program for other programs: JSON and CSV.

#include "tools/results/summary_output.h"

#include "base/numbers.h"
#include "tools/results/campaign_identity.h"
#include "tools/results/campaign_json.h"

namespace brownout {
namespace {

// Points print in the order of the documentation, not of the alphabet.
using nlohmann::ordered_json;

template <typename Number>
ordered_json numberOrNull(const std::optional<Number>& number) {
    return number ? ordered_json(*number) : ordered_json(nullptr);
}

ordered_json estimateJson(const std::optional<Estimate>& estimate) {
    if (!estimate) return nullptr;
    ordered_json json;
    json["mean"] = estimate->mean;
    json["std"] = numberOrNull(estimate->std);
    json["ci95"] = nullptr;
    if (estimate->ci95) json["ci95"] = {estimate->ci95->low, estimate->ci95->high};
    return json;
}

std::string protectionOf(const NetworkSpec& network) {
    return network.protection ? network.protection->codec : "none";
}

ordered_json rowJson(const Summary& summary, const SummaryRow& row) {
    const auto& campaign = summary.campaign;
    const auto& point = campaign.points[row.point];
    ordered_json json;
    json["network"] = campaign.networks[row.network].name;
    json["point"] = point.label;
    json["voltage"] = numberOrNull(point.voltage);
    json["voltage_v"] = numberOrNull(supplyInVolts(campaign, point));
    json["ber"] = numberOrNull(point.ber);
    json["ber_expected"] = point.berExpected;
    json["ber_observed"] = numberOrNull(row.berObserved);
    json["replication"] = toString(summary.replication);
    json["n"] = row.units;
    json["chips"] = row.chips;
    json["trials"] = row.trials;
    json["images"] = campaign.images;
    json["clean_error"] = numberOrNull(row.cleanError);
    json["error"] = estimateJson(row.error);
    json["robust_error"] = estimateJson(row.robustError);
    json["energy"]["per_inference_j"] = numberOrNull(row.energyPerInferenceJ);
    json["energy"]["relative"] = numberOrNull(row.energyRelative);
    json["words"]["read"] = row.sum.wordsRead;
    json["words"]["corrected"] = row.sum.wordsCorrected;
    json["words"]["detected"] = row.sum.wordsDetected;
    json["words"]["miscorrected"] = row.sum.wordsMiscorrected;
    json["words"]["silent"] = row.sum.wordsSilent;
    json["bits"]["read"] = row.sum.bitsRead;
    json["bits"]["wrong"] = numberOrNull(row.sum.bitsWrong);
    json["bits"]["failing"] = numberOrNull(row.sum.failingCells);
    json["codec"] = protectionOf(campaign.networks[row.network]);
    return json;
}

ordered_json comparisonJson(const Summary& summary, const Comparison& comparison) {
    ordered_json json;
    json["a"] = summary.campaign.networks[comparison.a].name;
    json["b"] = summary.campaign.networks[comparison.b].name;
    json["point"] = summary.campaign.points[comparison.point].label;
    json["n"] = comparison.units;
    json["difference"] = estimateJson(comparison.difference);
    return json;
}

std::string csvEstimate(const std::optional<Estimate>& estimate) {
    if (!estimate) return ",,,";
    const auto& ci = estimate->ci95;
    return shortestNumber(estimate->mean) + "," + csvNumber(estimate->std) + "," +
           (ci ? shortestNumber(ci->low) : "") + "," + (ci ? shortestNumber(ci->high) : "");
}

}  // namespace

std::string summaryJson(const Summary& summary) {
    ordered_json json;
    json["campaign"] = ordered_json::parse(toJson(summary.campaign));
    json["campaign"]["fingerprint"] = fingerprint(summary.campaign);
    json["campaign"]["trials"] = trialCount(summary.campaign);
    json["campaign"]["resample"] = summary.campaign.readBatch > 0 ? "read-batch" : "load";
    json["campaign"]["loads_per_trial"] = loadsPerTrial(summary.campaign);
    json["campaign"]["complete"] = summary.complete();
    json["points"] = ordered_json::array();
    for (const auto& row : summary.rows) json["points"].push_back(rowJson(summary, row));
    json["comparisons"] = ordered_json::array();
    for (const auto& comparison : summary.comparisons) {
        json["comparisons"].push_back(comparisonJson(summary, comparison));
    }
    return jsonText(json, 2) + "\n";
}

std::string summaryCsv(const Summary& summary) {
    std::string csv =
        "network,point,voltage,voltage_v,ber,ber_expected,ber_observed,replication,n,chips,trials,"
        "images,clean_error,error_mean,error_std,error_ci95_low,error_ci95_high,"
        "robust_error_mean,robust_error_std,robust_error_ci95_low,robust_error_ci95_high,"
        "energy_per_inference_j,energy_relative,words_read,words_corrected,words_detected,"
        "words_miscorrected,words_silent,codec\n";
    for (const auto& row : summary.rows) {
        const auto& point = summary.campaign.points[row.point];
        csv += csvText(summary.campaign.networks[row.network].name) + "," + csvText(point.label) +
               "," + csvNumber(point.voltage) + "," +
               csvNumber(supplyInVolts(summary.campaign, point)) + "," + csvNumber(point.ber) +
               "," + shortestNumber(point.berExpected) + "," + csvNumber(row.berObserved) + "," +
               toString(summary.replication) + "," + std::to_string(row.units) + "," +
               std::to_string(row.chips) + "," + std::to_string(row.trials) + "," +
               std::to_string(summary.campaign.images) + "," + csvNumber(row.cleanError) + "," +
               csvEstimate(row.error) + "," + csvEstimate(row.robustError) + "," +
               csvNumber(row.energyPerInferenceJ) + "," + csvNumber(row.energyRelative);
        for (const auto count : {row.sum.wordsRead, row.sum.wordsCorrected, row.sum.wordsDetected,
                                 row.sum.wordsMiscorrected, row.sum.wordsSilent}) {
            csv += "," + std::to_string(count);
        }
        csv += "," + protectionOf(summary.campaign.networks[row.network]) + "\n";
    }
    return csv;
}

}  // namespace brownout
