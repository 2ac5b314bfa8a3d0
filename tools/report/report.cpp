#include "tools/report/report.h"

#include <set>

#include "base/atomic_file.h"
#include "base/numbers.h"
#include "tools/report/berzad_tables.h"
#include "tools/report/campaign_text.h"
#include "tools/report/html.h"
#include "tools/report/page.h"
#include "tools/report/report_sections.h"

namespace brownout {
namespace {

std::string whatWasRun(const Summary& summary, const Shard& shard) {
    const auto& campaign = summary.campaign;
    // The same network under several protections makes several rows.
    std::set<std::string> protections;
    std::set<NetworkContent> networks;
    for (const auto& network : campaign.networks) {
        protections.insert(protectionNameOf(network));
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
        (campaign.biasImages > 0 ? "; biases corrected on " + counted(campaign.biasImages, "image")
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
