#include "tools/report/berzad_tables.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/numbers.h"
#include "tools/report/html.h"
#include "tools/report/measure_text.h"
#include "tools/report/page.h"
#include "tools/report/plots.h"

namespace brownout {
namespace {

constexpr const char* kNothing = "-";

/// Returns "4e-05", "≥ 0.5" where no tested rate failed, "< 1e-08" where the lowest one did.
std::string rateText(const CampaignSpec& campaign, const Berzad& berzad,
                     const std::optional<double>& rate, bool isLast) {
    if (rate) return (isLast ? "≥ " : "") + humanNumber(*rate, 3);
    if (berzad.decisions.empty()) return kNothing;
    return "< " + humanNumber(*campaign.points[berzad.decisions.front().point].ber, 3);
}

/// Returns the first decision that ended the search for BERZAD_d, if one did.
const RateDecision* firstFailure(const Berzad& berzad) {
    for (const RateDecision& decision : berzad.decisions) {
        if (!decision.dropIsSmall) return &decision;
    }
    return nullptr;
}

std::string dropText(const RateDecision& decision) {
    return percent(decision.drop) + intervalText(decision.ci95);
}

/// Returns "yes" or "no", with the drop that is still none where that is a figure of its own.
std::string noDropText(const RateDecision& decision) {
    const std::string answer = decision.noDrop ? "yes" : "no";
    return decision.cleanMargin ? answer + ", up to " + percent(*decision.cleanMargin) : answer;
}

/// Returns what accuracies the published rule takes for no drop.
std::string publishedRuleText(const BerzadSearch& search) {
    return search.protocol == "dft2021"
               ? "up to it the mean over fault maps lies within the 95 % interval of the accuracy "
                 "without faults over the images of a map. "
               : "up to it the 95 % interval of the mean drop over fault maps reaches 0. ";
}

bool anySelected(const CampaignSpec& campaign) {
    return std::any_of(campaign.networks.begin(), campaign.networks.end(),
                       [](const NetworkSpec& network) { return network.selection.has_value(); });
}

/// Returns a colour between red (10^-9) and green (1) for a rate.
std::string colourOf(const std::optional<double>& rate) {
    const double share = rate ? std::min(1.0, std::max(0.0, 1 + std::log10(*rate) / 9)) : 0;
    return "hsl(" + std::to_string(static_cast<int>(std::lround(130 * share))) + " 60% 55%)";
}

/// One map: a network in a format, its layers and bits.
std::string sensitivityMap(const Summary& summary, const std::vector<const Berzad*>& parts) {
    const CampaignSpec& campaign = summary.campaign;
    std::vector<std::string> layers;
    std::set<std::uint32_t, std::greater<>> bits;
    std::map<std::pair<std::string, std::uint32_t>, const Berzad*> fields;
    for (const Berzad* part : parts) {
        const SelectionSpec& selection = *campaign.networks[part->network].selection;
        const std::string layer = selection.layer.value_or("all layers");
        if (std::find(layers.begin(), layers.end(), layer) == layers.end()) layers.push_back(layer);
        bits.insert(*selection.bit);
        fields[{layer, *selection.bit}] = part;
    }
    std::string html = "<tr><th></th>";
    for (const std::uint32_t bit : bits) html += "<th>" + std::to_string(bit) + "</th>";
    html += "</tr>\n";
    for (const std::string& layer : layers) {
        html += "<tr><th style=\"text-align:left\">" + htmlText(layer) + "</th>";
        for (const std::uint32_t bit : bits) {
            const auto found = fields.find({layer, bit});
            if (found == fields.end()) {
                html += "<td></td>";
                continue;
            }
            const Berzad& part = *found->second;
            html += "<td style=\"background:" + colourOf(part.berzadD) +
                    ";color:#111;text-align:center;padding:.25em .4em\" title=\"BERZAD " +
                    htmlText(rateText(campaign, part, part.berzad, part.berzadIsLast)) + "\">" +
                    htmlText(rateText(campaign, part, part.berzadD, part.berzadDIsLast)) + "</td>";
        }
        html += "</tr>\n";
    }
    return "<div style=\"overflow-x:auto\"><table style=\"font-size:.8em\">\n" + html +
           "</table></div>\n";
}

/// Returns the rates that the parts of networks stand as maps of coloured fields, layers from top
/// to bottom and bit positions from left to right: HTML, empty unless the campaign is split by bit.
std::string sensitivityMaps(const Summary& summary) {
    const CampaignSpec& campaign = summary.campaign;
    if (!anySelected(campaign)) return "";
    std::vector<std::pair<std::string, std::vector<const Berzad*>>> maps;
    for (const Berzad& berzad : summary.berzads) {
        const NetworkSpec& network = campaign.networks[berzad.network];
        if (!network.selection || !network.selection->bit) return "";
        const std::string name = wholeNameOf(network);
        if (maps.empty() || maps.back().first != name) maps.push_back({name, {}});
        maps.back().second.push_back(&berzad);
    }
    std::string html = element("h2", "Which bits, and where");
    html += paragraph(
        "BERZAD_d of each bit position, from the most significant one on the left, when only the "
        "cells of that position fail: from red, 1e-9 or less, to green, 1.");
    for (const auto& [name, parts] : maps) {
        html += element("h3", htmlText(name)) + sensitivityMap(summary, parts);
    }
    return html;
}

}  // namespace

TextTable berzadTable(const Summary& summary) {
    const CampaignSpec& campaign = summary.campaign;
    TextTable table;
    table.headings = {"network",       "BERZAD", "BERZAD_d", "fails at", "drop there, points",
                      "bound, points", "dead %", "maps"};
    for (const Berzad& berzad : summary.berzads) {
        std::vector<std::string> row = {
            campaign.networks[berzad.network].name,
            rateText(campaign, berzad, berzad.berzad, berzad.berzadIsLast),
            rateText(campaign, berzad, berzad.berzadD, berzad.berzadDIsLast)};
        const RateDecision* failure = firstFailure(berzad);
        if (failure == nullptr) {
            row.resize(table.headings.size(), kNothing);
        } else {
            row.insert(row.end(), {humanNumber(*campaign.points[failure->point].ber, 3),
                                   dropText(*failure), percent(failure->upperBound),
                                   percent(failure->deadShare, 1), std::to_string(failure->maps)});
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

TextTable decisionTable(const Summary& summary) {
    const CampaignSpec& campaign = summary.campaign;
    TextTable table;
    table.headings = {"network", "rate", "drop, points",     "bound, points",
                      "dead %",  "maps", "no drop (BERZAD)", "drop is small (BERZAD_d)"};
    for (const Berzad& berzad : summary.berzads) {
        for (const RateDecision& decision : berzad.decisions) {
            table.rows.push_back({campaign.networks[berzad.network].name,
                                  humanNumber(*campaign.points[decision.point].ber, 3),
                                  dropText(decision), percent(decision.upperBound),
                                  percent(decision.deadShare, 1), std::to_string(decision.maps),
                                  noDropText(decision), decision.dropIsSmall ? "yes" : "no"});
        }
    }
    return table;
}

std::string describeBerzad(const Summary& summary) {
    const BerzadSearch& search = *summary.campaign.search;
    std::uint64_t trials = 0, faultless = 0, images = 0;
    for (const Berzad& berzad : summary.berzads) {
        trials += berzad.trials;
        faultless += berzad.faultlessTrials;
        images += berzad.imageInferences;
    }
    const std::string what = summary.campaign.top > 1
                                 ? "top-" + std::to_string(summary.campaign.top) + " accuracy"
                                 : "accuracy";
    return "BERZAD: the largest bit error rate at which " + what +
           " doesn't drop: " + publishedRuleText(search) +
           "BERZAD_d: the largest rate up to which the mean drop is shown to be below d = " +
           humanNumber(100 * search.drop, 3) +
           " percentage points with 95 % confidence, whatever the maps not drawn are like: the "
           "bound. Drops are of the same images with and without faults; where it fails: mean "
           "[95 % interval]. Protocol " +
           search.protocol + ": " + groupedNumber(images) + " images inferred in " +
           groupedNumber(trials) + " trials, of which " + groupedNumber(faultless) +
           " had no fault and cost none." +
           (summary.complete() ? "" : " Unfinished: the same command goes on.");
}

std::string berzadSection(const Summary& summary) {
    const TextTable table = berzadTable(summary);
    const TextTable decisions = decisionTable(summary);
    const std::optional<Plot> plot = drawRatesOfBits(summary);
    return element("h2", "Bit error rates without a drop of accuracy") +
           paragraph(describeBerzad(summary)) +
           (plot ? "<div class=\"plots\">\n" + plotFigure(*plot, "max-width:34em") + "</div>\n"
                 : std::string()) +
           sensitivityMaps(summary) + htmlTable(table.headings, table.rows, true) +
           "<details><summary>Every decision</summary>" +
           htmlTable(decisions.headings, decisions.rows, true) + "</details>\n";
}

}  // namespace brownout
