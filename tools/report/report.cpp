#include "tools/report/report.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/atomic_file.h"
#include "base/numbers.h"
#include "emulation/tolerable_point.h"
#include "tools/report/berzad_tables.h"
#include "tools/report/fault_map.h"
#include "tools/report/html.h"
#include "tools/report/page.h"
#include "tools/report/plots.h"
#include "tools/report/summary_columns.h"
#include "tools/results/campaign_identity.h"
#include "tools/results/summary_output.h"

namespace brownout {
namespace {

using NetworkContent =
    std::tuple<std::string, std::string, std::uint32_t, std::string, std::string>;

/// Returns what makes two rows rows of the same network, whatever protects it.
NetworkContent contentOf(const NetworkSpec& network) {
    return {network.fingerprint, network.format, network.bits, network.quantizer, network.store};
}

std::string protectionOf(const NetworkSpec& network) {
    return network.protection ? network.protection->name : "none";
}

std::string whatWasRun(const Summary& summary, const Shard& shard) {
    const auto& campaign = summary.campaign;
    // The same network under several protections makes several rows.
    std::set<std::string> protections;
    std::set<NetworkContent> networks;
    for (const auto& network : campaign.networks) {
        protections.insert(protectionOf(network));
        networks.insert(contentOf(network));
    }
    const bool adaptive = campaign.precision || isSearched(campaign);
    std::string text =
        counted(networks.size(), "network") +
        (protections.size() > 1 ? " under " + counted(protections.size(), "protection") : "") +
        " on " + (adaptive ? "up to " : "") + counted(campaign.chips, "chip") +
        (campaign.profile  ? " of " + campaign.profile->name
         : campaign.device ? " behind a port, " + campaign.device->target
                           : std::string(" with uniformly distributed bit errors")) +
        " at " + (isSearched(campaign) ? "some of " : "") +
        counted(campaign.points.size(),
                hasSupplies(campaign) ? "supply voltage" : "bit error rate") +
        (campaign.offsets.size() > 1
             ? ", " + counted(campaign.offsets.size(), "layout offset") + " each"
             : "") +
        "; " +
        (campaign.imagesPerTrial > 0 ? std::to_string(campaign.imagesPerTrial) + " of "
         : campaign.precision        ? "some of "
                                     : "") +
        counted(campaign.images, "image") + " of " + campaign.data.name + " each time" +
        (campaign.precision ? ", as many as --precision " + toString(*campaign.precision) + " needs"
                            : "") +
        (campaign.readBatch > 0
             ? ", the weights read anew for each " + counted(campaign.readBatch, "image")
             : "") +
        ".";
    std::string html = "<p class=\"lead\">" + htmlText(text) + "</p>\n";
    if (!summary.complete()) {
        html +=
            "<p class=\"notice\">" +
            htmlText("This campaign is unfinished: " + groupedNumber(summary.trials) +
                     (campaign.precision ? std::string(" trials")
                                         : " of " + counted(trialCount(campaign), "trial")) +
                     " are in." +
                     (shard.isWhole()
                          ? ""
                          : " These are the results of shard " + toString(shard) + ", which has " +
                                counted(trialCount(campaign, shard), "trial") + ".")) +
            "</p>\n";
    }
    return html;
}

/// Why harshestTolerable() found no point.
std::string whyNoPoint(const Summary& summary, std::uint32_t network) {
    const auto& mildest = summary.row(network, pointsMildestFirst(summary.campaign).front());
    if (!mildest.main().faulty) return "not finished";
    if (!mildest.main().faulty->ci95)
        return std::string("unknown from one ") + toString(summary.replication);
    return "none of those measured";
}

/// How far each network can go without losing more than is tolerable.
std::string howLow(const Summary& summary) {
    const auto& campaign = summary.campaign;
    const bool byVoltage = campaign.points.front().voltage.has_value();
    const std::string harshest = byVoltage ? "lowest supply, " + voltageUnit(campaign)
                                           : std::string("highest bit error rate, %");
    const bool withEnergy =
        std::any_of(campaign.points.begin(), campaign.points.end(),
                    [](const PointSpec& point) { return point.energy.relative.has_value(); });
    const Measure& measure = summary.measures.front();
    std::vector<std::string> headings = {"network", harshest, measure.cleanHeading,
                                         measure.heading};
    if (withEnergy) headings.emplace_back("access energy saved %");
    std::vector<std::vector<std::string>> rows;
    for (std::uint32_t network = 0; network < campaign.networks.size(); ++network) {
        const auto& name = campaign.networks[network].name;
        const auto point = harshestTolerable(summary, network, measure.tolerableLoss);
        if (!point) {
            rows.push_back({name, whyNoPoint(summary, network)});
            rows.back().resize(headings.size(), "-");
            continue;
        }
        const auto& row = summary.row(network, *point);
        const auto& spec = campaign.points[*point];
        rows.push_back({name,
                        byVoltage ? humanNumber(spec.voltage.value_or(0), 6)
                                  : humanNumber(spec.ber.value_or(0) * 100, 4),
                        valueText(measure, row.main().clean),
                        estimateText(measure, row.main().faulty)});
        if (withEnergy) {
            rows.back().push_back(row.energyRelative ? percent(1 - *row.energyRelative, 1) : "-");
        }
    }
    return element("h2",
                   byVoltage ? "How low the supply can go" : "How many errors are tolerated") +
           paragraph(std::string("The ") + (byVoltage ? "lowest supply" : "highest rate") +
                     " measured at which " + measure.tolerable + ", as it is at every " +
                     (byVoltage ? "higher supply" : "lower rate") + " measured.") +
           htmlTable(headings, rows, true);
}

std::string faultMapOf(const FaultMapFigure& figure) {
    const auto map = drawFaultMap(figure.geometry, figure.cells);
    const auto& geometry = figure.geometry;
    const double share =
        static_cast<double>(figure.cells.size()) / static_cast<double>(geometry.cells());
    return faultMapFigure(
        map,
        "Chip " + std::to_string(figure.chip) + " fails at " + figure.point + ": " +
            counted(figure.cells.size(), "cell"),
        counted(geometry.arrays, "array") + " of " + std::to_string(geometry.rows) + " rows x " +
            std::to_string(geometry.columns) + " columns, " + humanNumber(100 * share, 3) +
            " % of " + counted(geometry.cells(), "cell") + " fail.");
}

std::string pictureSection(const Summary& summary, const ReportExtras& extras) {
    std::string figures;
    for (const auto& plot : drawPlots(summary)) figures += plotFigure(plot);
    if (extras.faultMap) figures += faultMapOf(*extras.faultMap);
    if (figures.empty()) return "";
    return element("h2", "In pictures") + "<div class=\"plots\">\n" + figures + "</div>\n";
}

std::string figuresSection(const Summary& summary) {
    std::string html = element("h2", "In figures") + paragraph(describeUncertainty(summary));
    const auto columns = summaryColumns(summary);
    std::vector<std::string> headings;
    for (const auto& column : columns) headings.push_back(column.heading);
    for (std::uint32_t network = 0; network < summary.campaign.networks.size(); ++network) {
        const auto& spec = summary.campaign.networks[network];
        std::vector<std::vector<std::string>> rows;
        for (const auto point : pointsMildestFirst(summary.campaign)) {
            if (!summary.isShown(summary.row(network, point))) continue;
            rows.emplace_back();
            for (const auto& column : columns) {
                rows.back().push_back(column.cell(summary.row(network, point)));
            }
        }
        html += element("h3", htmlText(spec.name)) + "<p class=\"lead\">" +
                htmlText(describeNetwork(spec)) + "</p>\n" + htmlTable(headings, rows, true);
    }
    return html + "<details><summary>All figures as CSV</summary><pre>" +
           htmlText(summaryCsv(summary)) + "</pre></details>\n";
}

/// Writes what each protection takes of the chip and of the energy of an access.
std::string protectionSection(const CampaignSpec& campaign) {
    if (!hasProtection(campaign)) return "";
    std::vector<std::vector<std::string>> rows;
    for (const auto& network : campaign.networks) {
        const auto& protection = network.protection;
        rows.push_back({network.name, protection ? protection->name : "none",
                        protection
                            ? std::to_string(protection->checkBits) + " for " +
                                  std::to_string(protection->wordBits * protection->blockWords)
                            : "-",
                        protection ? std::to_string(protection->dataArrays) + " + " +
                                         std::to_string(protection->checkArrays)
                                   : "-",
                        percent(accessCost(network), 1),
                        network.writesPerInference > 0 ? "no, reused" : "yes"});
    }
    return element("h2", "What protection takes") +
           paragraph(
               "Check bits live in arrays of the same chip: they take room, they are read "
               "with every word, and their cells fail as others do. " +
               std::string(campaign.detected == "zero-weight"
                               ? "Where an error was detected, the weight nearest to zero is "
                                 "used."
                               : "Where an error was detected, the network gets what the "
                                 "memory returns: code 0 with parity, the data as read with "
                                 "SECDED.") +
               (campaign.protection.find("op-") == std::string::npos
                    ? ""
                    : " Opportunistic parity has no check bits, but alters weights, which shows in "
                      "the error without faults; the weights of a group in which it detects an "
                      "error become 0.")) +
           htmlTable({"network", "protection", "check bits", "arrays, data + check",
                      "access energy %", "fits the chip"},
                     rows, true);
}

std::string verdict(const Summary& summary, const Comparison& comparison) {
    const CampaignSpec& campaign = summary.campaign;
    if (!comparison.difference.ci95) return "not enough chips";
    if (!comparison.decided()) return "undecided";
    const bool aIsLower = comparison.difference.ci95->high < 0;
    const bool aIsBetter = aIsLower != summary.measures.front().higherIsBetter;
    return campaign.networks[aIsBetter ? comparison.a : comparison.b].name + " is better";
}

/// Tells whether two rows are networks under one protection, or one network under two: a pair that
/// differs in both says nothing about either.
bool differInOneThing(const NetworkSpec& a, const NetworkSpec& b) {
    return protectionOf(a) == protectionOf(b) || contentOf(a) == contentOf(b);
}

std::string comparisonSection(const Summary& summary) {
    if (summary.comparisons.empty()) return "";
    const auto& campaign = summary.campaign;
    const Measure& measure = summary.measures.front();
    std::vector<std::vector<std::string>> rows;
    for (const auto& comparison : summary.comparisons) {
        if (!differInOneThing(campaign.networks[comparison.a], campaign.networks[comparison.b])) {
            continue;
        }
        rows.push_back(
            {campaign.networks[comparison.a].name + " - " + campaign.networks[comparison.b].name,
             campaign.points[comparison.point].label, estimateText(measure, comparison.difference),
             std::to_string(comparison.units), verdict(summary, comparison)});
    }
    return element("h2", "Networks against each other") +
           paragraph("Differences of their " + measure.plural + " on the same " +
                     toString(summary.replication) + "s" +
                     (measure.inPercent ? ", in percentage points" : "") + ": what the " +
                     toString(summary.replication) +
                     "s have in common cancels, so this decides more than comparing two intervals "
                     "does. Mean ± standard deviation [95 % interval]; a difference is decided "
                     "where the interval excludes zero. The intervals are not corrected for how "
                     "many there are: of twenty true ties, one will look decided.") +
           htmlTable({"networks", hasSupplies(campaign) ? "supply" : "point", "difference",
                      std::string(toString(summary.replication)) + "s", "verdict"},
                     rows, true);
}

std::string readingSection(const Summary& summary) {
    const std::string unit = toString(summary.replication);
    std::string about;
    for (const Measure& measure : summary.measures) {
        if (!measure.note.empty()) about += (about.empty() ? "" : " ") + measure.note;
    }
    const Measure& main = summary.measures.front();
    std::vector<std::string> notes = {
        about,
        "Failing cells: share of cells expected to be able to fail at this point. BER seen: wrong "
        "bits of all bits of the weights (and of their check bits) that were read, as counted in "
        "the "
        "trials. A cell stuck at "
        "the value that is stored in it does no harm, so the second is the smaller one on chips "
        "whose cells are stuck: about half on balanced data.",
        "One observation is one " + unit +
            (summary.replication == Replication::kChip ? " (its mean over layout offsets)" : "") +
            ". The 95 % interval is where the mean over all " + unit +
            "s of this kind is expected: mean ± t(n - 1) x standard deviation / sqrt(n), stretched "
            "on the side of the harm the more the " +
            unit + "s differ beside what faults do on average, and cut to lie " + main.bounds +
            ". It is not where a single " + unit +
            " lies: for that look at the standard deviation. It says nothing about other images "
            "than these."};
    if (summary.campaign.accelerator) {
        notes.push_back("Energy: one inference on " + summary.campaign.accelerator->name +
                        ", all memories with their leakage, DRAM and arithmetic, the memory of the "
                        "weights at the supply of the point and all else at its nominal one.");
    } else if (!summary.campaign.energySource.empty()) {
        notes.push_back(
            "Energy: accesses of one inference to the weight memory times their energy "
            "at this supply; nothing else of the accelerator is counted.");
    }
    if (hasProtection(summary.campaign)) {
        notes.push_back(
            "Words, in % of those read. Corrected: an error was corrected, rightly. Detected: an "
            "error was seen that the protection can't correct. Miscorrected: the protection took "
            "several errors for another one and \"corrected\" the word to wrong data. Silent: "
            "wrong data that nobody noticed; without protection, all wrong words. Only an emulator "
            "can tell the last two.");
        notes.push_back(
            "Energy of a protected word counts its check bits, and is relative to an access "
            "without check bits at the highest supply that is free of errors.");
    }
    std::string items;
    for (const auto& note : notes) items += element("li", htmlText(note));
    return element("h2", "How to read this") + element("ul", items);
}

/// Returns the arithmetic of the networks, each kind once.
std::string arithmeticOf(const CampaignSpec& campaign) {
    std::set<std::string> kinds;
    for (const NetworkSpec& network : campaign.networks) kinds.insert(network.arithmetic);
    std::string text;
    for (const std::string& kind : kinds) text += (text.empty() ? "" : "; ") + kind;
    return text;
}

std::string replaySection(const Summary& summary, const std::string& command) {
    const auto& campaign = summary.campaign;
    std::string html = element("h2", "How to replay it");
    if (!command.empty()) html += element("pre", htmlText(command));
    std::vector<std::pair<std::string, std::string>> terms = {
        {"Brownout", campaign.version},
        {"instruction set", campaign.instructionSet},
        {"arithmetic", arithmeticOf(campaign)},
        {"seed", std::to_string(campaign.seed)},
        {"layout", campaign.layout.interleave + ", " + campaign.layout.bitOrder},
        {"protection", campaign.protection},
        {"campaign", fingerprint(campaign)}};
    if (hasProtection(campaign)) terms.emplace_back("detected words", campaign.detected);
    if (!campaign.energySource.empty()) terms.emplace_back("energy source", campaign.energySource);
    std::vector<std::vector<std::string>> inputs;
    for (const auto& network : campaign.networks) {
        inputs.push_back({"network", network.name, network.fingerprint});
    }
    inputs.push_back({"images", campaign.data.name, campaign.data.fingerprint});
    if (campaign.profile) {
        inputs.push_back({"profile", campaign.profile->name, campaign.profile->fingerprint});
    }
    if (campaign.device) {
        terms.emplace_back("device", campaign.device->target);
        terms.emplace_back("supply", campaign.device->supply);
        terms.emplace_back("access", campaign.device->access);
    }
    auto table = htmlTable({"input", "name", "fingerprint (SHA-1)"}, inputs, true);
    table.replace(table.find("\"named\""), 7, "\"named words\"");
    return html + htmlTerms(terms) + table;
}

std::string titleOf(const CampaignSpec& campaign) {
    std::vector<std::string> names;
    for (const NetworkSpec& network : campaign.networks) {
        const std::string name = wholeNameOf(network);
        if (names.empty() || names.back() != name) names.push_back(name);
    }
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < 3; ++i) text += (i > 0 ? ", " : "") + names[i];
    if (names.size() > 3) text += ", ...";
    return text + (campaign.profile  ? " on " + campaign.profile->name
                   : campaign.device ? " on " + campaign.device->supply
                                     : " under bit errors");
}

}  // namespace

std::string reportHtml(const Summary& summary, const ReportExtras& extras) {
    if (isOfParts(summary.campaign)) {
        return htmlPage(titleOf(summary.campaign), whatWasRun(summary, extras.shard),
                        berzadSection(summary) + replaySection(summary, extras.command),
                        madeBy(summary.campaign.version));
    }
    return htmlPage(titleOf(summary.campaign), whatWasRun(summary, extras.shard),
                    (summary.campaign.search ? berzadSection(summary) : howLow(summary)) +
                        protectionSection(summary.campaign) + pictureSection(summary, extras) +
                        figuresSection(summary) + comparisonSection(summary) +
                        readingSection(summary) + replaySection(summary, extras.command),
                    madeBy(summary.campaign.version));
}

void writeReport(const std::filesystem::path& path, const Summary& summary,
                 const ReportExtras& extras) {
    writeAtomically(path, reportHtml(summary, extras));
}

}  // namespace brownout
