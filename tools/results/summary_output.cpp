// How a summary leaves the program for other programs: JSON and CSV.

#include "tools/results/summary_output.h"

#include "base/numbers.h"
#include "tools/results/berzad_output.h"
#include "tools/results/campaign_identity.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

// Points print in the order of the documentation, not of the alphabet.
using nlohmann::ordered_json;

/// Returns a value with faults: its estimate, and what describes the units.
ordered_json valueJson(const MeasuredValue& value, const Summary& summary) {
    ordered_json json = estimateJson<ordered_json>(value.faulty);
    if (!value.faulty) return json;
    json["median"] = orNull<ordered_json>(value.median);
    json["dead_share"] = orNull<ordered_json>(value.dead);
    json["few_dominate"] = value.fewDominate;
    json["worst"] = nullptr;
    if (value.worst) {
        json["worst"] = {{toString(summary.replication), value.worst->number},
                         {"value", value.worst->value}};
    }
    return json;
}

/// Returns what became of one kind of values that lie in a memory.
ordered_json valuesJson(const TrialCounts& sum, const ValueCounters& counters, bool fail,
                        const std::optional<double>& ber) {
    const auto count = [&](Counter::Maybe counter) { return orNull<ordered_json>(sum.*counter); };
    ordered_json json;
    json["fail"] = fail;
    json["ber_observed"] = orNull<ordered_json>(ber);
    json["bits"]["read"] = count(counters.bitsRead);
    json["bits"]["wrong"] = count(counters.bitsWrong);
    json["bits"]["failing"] = count(counters.failingCells);
    json["words"]["corrected"] = count(counters.wordsCorrected);
    json["words"]["detected"] = count(counters.wordsDetected);
    json["words"]["silent"] = count(counters.wordsSilent);
    return json;
}

ordered_json rowJson(const Summary& summary, const SummaryRow& row) {
    const auto& campaign = summary.campaign;
    const auto& point = campaign.points[row.point];
    ordered_json json;
    json["network"] = campaign.networks[row.network].name;
    json["format"] = campaign.networks[row.network].format;
    json["point"] = point.label;
    json["voltage"] = orNull<ordered_json>(point.voltage);
    json["voltage_v"] = orNull<ordered_json>(supplyInVolts(campaign, point));
    if (campaign.device)
        json["voltage_measured_v"] = orNull<ordered_json>(measuredSupplyV(row.sum));
    json["ber"] = orNull<ordered_json>(point.ber);
    json["ber_expected"] = orNull<ordered_json>(point.berExpected);
    json["ber_observed"] = orNull<ordered_json>(row.berObserved);
    json["replication"] = toString(summary.replication);
    json["n"] = row.units;
    json["chips"] = row.chips;
    json["trials"] = row.trials;
    json["images"] = campaign.images;
    for (std::size_t i = 0; i < summary.measures.size(); ++i) {
        const Measure& measure = summary.measures[i];
        const MeasuredValue& value = row.values[i];
        if (!measure.cleanKey.empty()) json[measure.cleanKey] = orNull<ordered_json>(value.clean);
        json[measure.key] = valueJson(value, summary);
        // Units may have nothing to take the mean of.
        if (value.faulty && value.units != row.units) json[measure.key]["n"] = value.units;
    }
    if (row.precision) {
        json["precision"]["asked"] = orNull<ordered_json>(row.precision->target);
        json["precision"]["half_width"] = orNull<ordered_json>(row.precision->halfWidth);
        json["precision"]["finished"] = row.precision->finished;
        json["precision"]["reached"] = row.precision->reached;
        json["precision"]["image_inferences"] = row.precision->imageInferences;
        json["precision"]["exact_image_inferences"] = row.precision->exactInferences;
    }
    json["energy"]["per_inference_j"] = orNull<ordered_json>(row.energyPerInferenceJ);
    json["energy"]["relative"] = orNull<ordered_json>(row.energyRelative);
    const auto& energies = campaign.networks[row.network].energies;
    if (!energies.empty()) {
        for (const PartEnergy& part : energies.at(row.point)) {
            json["energy"]["memories"][part.part] = part.joules;
        }
    }
    json["words"]["read"] = row.sum.wordsRead;
    json["words"]["corrected"] = row.sum.wordsCorrected;
    json["words"]["detected"] = row.sum.wordsDetected;
    json["words"]["miscorrected"] = row.sum.wordsMiscorrected;
    json["words"]["silent"] = row.sum.wordsSilent;
    json["bits"]["read"] = row.sum.bitsRead;
    json["bits"]["wrong"] = orNull<ordered_json>(row.sum.bitsWrong);
    json["bits"]["failing"] = orNull<ordered_json>(row.sum.failingCells);
    const FailingMemories& failing = campaign.networks[row.network].failing;
    if (row.sum.activationBitsRead) {
        json["activations"] =
            valuesJson(row.sum, kActivationCounters, failing.activations, row.activationBer);
    }
    if (row.sum.sumBitsRead) {
        json["accumulators"] = valuesJson(row.sum, kSumCounters, failing.accumulators, row.sumBer);
    }
    if (campaign.activations) {
        json["fail"] = toString(failing);
    }
    json["codec"] = protectionNameOf(campaign.networks[row.network]);
    json["protection"] = json["codec"];
    return json;
}

ordered_json comparisonJson(const Summary& summary, const Comparison& comparison) {
    ordered_json json;
    json["a"] = summary.campaign.networks[comparison.a].name;
    json["b"] = summary.campaign.networks[comparison.b].name;
    json["point"] = summary.campaign.points[comparison.point].label;
    json["n"] = comparison.units;
    json["difference"] = estimateJson<ordered_json>(comparison.difference);
    json["difference"]["few_dominate"] = comparison.fewDominate;
    return json;
}

/// A column of summary.csv: its name and where its figure is in the JSON of a row.
struct CsvColumn {
    std::string name;
    std::string pointer;
};

const CsvColumn kFirstCsvColumns[] = {
    {"network", "/network"},
    {"point", "/point"},
    {"voltage", "/voltage"},
    {"voltage_v", "/voltage_v"},
    {"ber", "/ber"},
    {"ber_expected", "/ber_expected"},
    {"ber_observed", "/ber_observed"},
    {"replication", "/replication"},
    {"n", "/n"},
    {"chips", "/chips"},
    {"trials", "/trials"},
    {"images", "/images"},
};

const CsvColumn kLastCsvColumns[] = {
    {"energy_per_inference_j", "/energy/per_inference_j"},
    {"energy_relative", "/energy/relative"},
    {"words_read", "/words/read"},
    {"words_corrected", "/words/corrected"},
    {"words_detected", "/words/detected"},
    {"words_miscorrected", "/words/miscorrected"},
    {"words_silent", "/words/silent"},
    {"codec", "/codec"},
};

/// Returns the columns of summary.csv: those of the task's measures stand behind the images.
std::vector<CsvColumn> csvColumns(const Summary& summary) {
    std::vector<CsvColumn> columns(std::begin(kFirstCsvColumns), std::end(kFirstCsvColumns));
    for (const Measure& measure : summary.measures) {
        const std::string& key = measure.key;
        if (!measure.cleanKey.empty())
            columns.push_back({measure.cleanKey, "/" + measure.cleanKey});
        columns.push_back({key + "_mean", "/" + key + "/mean"});
        columns.push_back({key + "_std", "/" + key + "/std"});
        columns.push_back({key + "_ci95_low", "/" + key + "/ci95/0"});
        columns.push_back({key + "_ci95_high", "/" + key + "/ci95/1"});
    }
    columns.insert(columns.end(), std::begin(kLastCsvColumns), std::end(kLastCsvColumns));
    // Columns of a later version stand behind those that there were.
    for (const Measure& measure : summary.measures) {
        const std::string& key = measure.key;
        columns.push_back({key + "_median", "/" + key + "/median"});
        if (measure.worthless && measure.clean != nullptr) {
            columns.push_back({key + "_dead_share", "/" + key + "/dead_share"});
        }
        columns.push_back({key + "_worst", "/" + key + "/worst/value"});
        columns.push_back({key + "_few_dominate", "/" + key + "/few_dominate"});
    }
    if (summary.campaign.device) columns.push_back({"voltage_measured_v", "/voltage_measured_v"});
    if (!summary.campaign.precision) return columns;
    for (const char* key :
         {"asked", "half_width", "reached", "image_inferences", "exact_image_inferences"}) {
        columns.push_back({std::string("precision_") + key, std::string("/precision/") + key});
    }
    return columns;
}

/// Returns a figure of a row as a field of a CSV file, empty if it is null or not there.
std::string csvField(const ordered_json& row, const std::string& pointer) {
    const ordered_json::json_pointer place(pointer);
    if (!row.contains(place)) return "";
    const auto& value = row.at(place);
    if (value.is_null()) return "";
    if (value.is_string()) return csvText(value.get<std::string>());
    return value.is_number_float() ? shortestNumber(value.get<double>()) : value.dump();
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
    for (const auto& row : summary.rows) {
        if (summary.isShown(row)) json["points"].push_back(rowJson(summary, row));
    }
    json["comparisons"] = ordered_json::array();
    for (const auto& comparison : summary.comparisons) {
        json["comparisons"].push_back(comparisonJson(summary, comparison));
    }
    if (summary.campaign.search) json["berzad"] = berzadJson(summary);
    return jsonText(json) + "\n";
}

std::string summaryCsv(const Summary& summary) {
    const std::vector<CsvColumn> columns = csvColumns(summary);
    std::string csv;
    for (const auto& column : columns) csv += (csv.empty() ? "" : ",") + column.name;
    csv += "\n";
    for (const auto& row : summary.rows) {
        if (!summary.isShown(row)) continue;
        const auto json = rowJson(summary, row);
        std::string line;
        for (const auto& column : columns) {
            if (&column != &columns.front()) line += ",";
            line += csvField(json, column.pointer);
        }
        csv += line + "\n";
    }
    return csv;
}

}  // namespace brownout
