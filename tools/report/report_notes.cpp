// The sections of a report that explain: the cost of protection, how to read it, how to replay it.

#include <set>

#include "base/numbers.h"
#include "tools/report/campaign_text.h"
#include "tools/report/html.h"
#include "tools/report/page.h"
#include "tools/report/report_sections.h"
#include "tools/results/campaign_identity.h"

namespace brownout {
namespace {

/// Returns the arithmetic of the networks, each kind once.
std::string arithmeticOf(const CampaignSpec& campaign) {
    std::set<std::string> kinds;
    for (const NetworkSpec& network : campaign.networks) kinds.insert(network.arithmetic);
    std::string text;
    for (const std::string& kind : kinds) text += (text.empty() ? "" : "; ") + kind;
    return text;
}

}  // namespace

std::string protectionSection(const CampaignSpec& campaign) {
    if (!hasProtection(campaign)) return "";
    std::vector<std::vector<std::string>> rows;
    for (const auto& network : campaign.networks) {
        const auto& protection = network.protection;
        rows.push_back({network.name, protectionNameOf(network),
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
    if (summary.campaign.accelerator || !summary.campaign.energySource.empty()) {
        notes.push_back("Energy: " + energyMeaning(summary.campaign));
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

}  // namespace brownout
