#include "tools/results/berzad_output.h"

#include "base/numbers.h"
#include "tools/results/campaign_identity.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

using nlohmann::ordered_json;

ordered_json decisionJson(const CampaignSpec& campaign, const RateDecision& decision) {
    ordered_json json;
    json["ber"] = orNull<ordered_json>(campaign.points[decision.point].ber);
    json["maps"] = decision.maps;
    json["drop"] = decision.drop;
    json["ci95"] = intervalJson<ordered_json>(decision.ci95);
    if (decision.cleanMargin) json["clean_margin"] = *decision.cleanMargin;
    json["upper_bound"] = decision.upperBound;
    json["dead_share"] = decision.deadShare;
    json["no_drop"] = decision.noDrop;
    json["drop_is_small"] = decision.dropIsSmall;
    return json;
}

/// Adds the figures of a row behind what names it.
void addFigures(const CampaignSpec& campaign, const Berzad& berzad, ordered_json& json) {
    json["berzad"] = orNull<ordered_json>(berzad.berzad);
    json["berzad_d"] = orNull<ordered_json>(berzad.berzadD);
    json["berzad_is_at_least"] = berzad.berzadIsLast;
    json["berzad_d_is_at_least"] = berzad.berzadDIsLast;
    json["finished"] = berzad.finished;
    json["trials"] = berzad.trials;
    json["faultless_trials"] = berzad.faultlessTrials;
    json["image_inferences"] = berzad.imageInferences;
    json["decisions"] = ordered_json::array();
    for (const RateDecision& decision : berzad.decisions) {
        json["decisions"].push_back(decisionJson(campaign, decision));
    }
}

ordered_json partJson(const NetworkSpec& network) {
    const SelectionSpec part = network.selection.value_or(SelectionSpec{});
    ordered_json json;
    json["network"] = wholeNameOf(network);
    json["format"] = network.format;
    json["protection"] = protectionNameOf(network);
    json["layer"] = orNull<ordered_json>(part.layer);
    json["bit"] = orNull<ordered_json>(part.bit);
    json["cells"] = network.selection ? part.cells : network.storedBits;
    return json;
}

}  // namespace

ordered_json berzadJson(const Summary& summary) {
    ordered_json rows = ordered_json::array();
    for (const Berzad& berzad : summary.berzads) {
        const NetworkSpec& network = summary.campaign.networks[berzad.network];
        ordered_json json;
        json["network"] = network.name;
        json["format"] = network.format;
        json["protection"] = protectionNameOf(network);
        addFigures(summary.campaign, berzad, json);
        rows.push_back(std::move(json));
    }
    return rows;
}

std::string sensitivityJson(const Summary& summary) {
    ordered_json json;
    json["campaign"] = ordered_json::parse(toJson(summary.campaign));
    json["campaign"]["fingerprint"] = fingerprint(summary.campaign);
    json["campaign"]["complete"] = summary.complete();
    json["rows"] = ordered_json::array();
    for (const Berzad& berzad : summary.berzads) {
        ordered_json row = partJson(summary.campaign.networks[berzad.network]);
        addFigures(summary.campaign, berzad, row);
        json["rows"].push_back(std::move(row));
    }
    return jsonText(json) + "\n";
}

std::string sensitivityCsv(const Summary& summary) {
    const std::vector<std::string> numbers = {"cells",
                                              "berzad",
                                              "berzad_d",
                                              "berzad_is_at_least",
                                              "berzad_d_is_at_least",
                                              "trials",
                                              "faultless_trials",
                                              "image_inferences"};
    std::string csv = "network,format,protection,layer,bit";
    for (const std::string& name : numbers) csv += "," + name;
    csv += "\n";
    for (const Berzad& berzad : summary.berzads) {
        ordered_json row = partJson(summary.campaign.networks[berzad.network]);
        addFigures(summary.campaign, berzad, row);
        const auto text = [&](const char* key) {
            return row[key].is_null() ? std::string() : csvText(row[key].get<std::string>());
        };
        csv += text("network") + "," + text("format") + "," + text("protection") + "," +
               text("layer") + "," + (row["bit"].is_null() ? "" : row["bit"].dump());
        for (const std::string& name : numbers) {
            const ordered_json& value = row[name];
            csv += ",";
            if (value.is_null()) continue;
            csv += value.is_number_float() ? shortestNumber(value.get<double>()) : value.dump();
        }
        csv += "\n";
    }
    return csv;
}

}  // namespace brownout
