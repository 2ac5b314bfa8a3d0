#include "tools/report/campaign_text.h"

#include <algorithm>

#include "base/numbers.h"
#include "tools/report/measure_text.h"

namespace brownout {
namespace {

/// Says how wide the codes are; nothing where tensors differ.
std::string bitsText(const NetworkSpec& network) {
    return network.bits == 0 ? "" : std::to_string(network.bits) + " bit ";
}

/// Says what an adaptive campaign was asked and what it took.
std::string aboutPrecision(const Summary& summary) {
    std::uint64_t taken = 0;
    std::uint64_t exact = 0;
    for (const SummaryRow& row : summary.rows) {
        if (!row.precision) continue;
        taken += row.precision->imageInferences;
        exact += row.precision->exactInferences;
    }
    std::string text = " Asked: --precision " + toString(*summary.campaign.precision) +
                       "; each chip saw some of the images, and the standard deviation holds what "
                       "that adds.";
    if (taken == 0) return text;
    return text + " " + groupedNumber(taken) +
           " image inferences; all images on as many chips as "
           "that precision needs would have taken " +
           groupedNumber(exact) + ", " +
           humanNumber(static_cast<double>(exact) / static_cast<double>(taken), 3) +
           " times as many.";
}

/// Explains the columns that addUnits adds.
std::string aboutUnits(const Summary& summary) {
    const std::string unit = toString(summary.replication);
    std::string text;
    if (anyMain(summary, [](const MeasuredValue& value) { return value.dead.value_or(0) > 0; })) {
        text += " A dead " + unit + " has lost more than half of what the network knows.";
    }
    if (anyMain(summary, [](const MeasuredValue& value) { return value.fewDominate; })) {
        text += " Where few dominate, the mean is that of a few bad " + unit +
                "s, and even this interval may be too narrow: run more.";
    }
    return text;
}

}  // namespace

NetworkContent contentOf(const NetworkSpec& network) {
    return {network.fingerprint, network.format, network.bits, network.quantizer, network.store};
}

bool anyMain(const Summary& summary, const std::function<bool(const MeasuredValue&)>& holds) {
    return std::any_of(summary.rows.begin(), summary.rows.end(),
                       [&](const SummaryRow& row) { return holds(row.main()); });
}

std::string voltageUnit(const CampaignSpec& campaign) {
    if (campaign.device) return "V";
    if (!campaign.profile) return "supply";
    return campaign.profile->unit == "V" ? "V" : "V/" + campaign.profile->unit;
}

std::string describeNetwork(const NetworkSpec& network) {
    const double bytes = static_cast<double>(network.storedBits) / 8;
    const std::string size = bytes >= 1e6   ? humanNumber(bytes / 1e6, 3) + " MB"
                             : bytes >= 1e3 ? humanNumber(bytes / 1e3, 3) + " kB"
                                            : humanNumber(bytes, 3) + " B";
    std::string text = bitsText(network) + network.quantizer + ", stored as " + network.store +
                       ": " + groupedNumber(network.parameters) + " parameters in " + size;
    if (const auto& protection = network.protection) {
        text += ", protected by " + protection->name + " (" +
                std::to_string(protection->checkBits) +
                (protection->checkBits == 1 ? " check bit for " : " check bits for ") +
                std::to_string(protection->wordBits * protection->blockWords) + ")";
    }
    return text;
}

std::string describeUncertainty(const Summary& summary) {
    std::uint64_t units = 0;
    for (const auto& row : summary.rows) units = std::max(units, row.units);
    const std::string unit = toString(summary.replication);
    const Measure& measure = summary.measures.front();
    std::string text = capitalised(measure.plural) + (measure.inPercent ? " in %: " : ": ");
    if (units >= 2) {
        text += "mean ± standard deviation over " +
                std::string(summary.campaign.precision ? "up to " : "") + std::to_string(units) +
                " " + unit + "s [95 % interval of the mean, made for skewed " + unit + "s, " +
                measure.bounds + "].";
        text += aboutUnits(summary);
    } else {
        text += "of one " + unit + ", so nothing can be said about their spread.";
    }
    if (summary.replication == Replication::kOffset) {
        text += " One chip only: the spread is over layout offsets, not over chips.";
    }
    if (summary.campaign.precision) text += aboutPrecision(summary);
    if (summary.campaign.imagesPerTrial > 0) {
        text += " Each " + unit + " saw " + std::to_string(summary.campaign.imagesPerTrial) +
                " of the images, which the standard deviation includes, as does the error without "
                "faults.";
    }
    if (!summary.complete()) {
        text += " Unfinished: " + std::to_string(summary.trials) +
                (summary.campaign.precision
                     ? " trials are in."
                     : " of " + std::to_string(trialCount(summary.campaign)) + " trials.");
    }
    return text;
}

bool hasSupplies(const CampaignSpec& campaign) { return campaign.profile || campaign.device; }

bool hasProtection(const CampaignSpec& campaign) {
    return std::any_of(campaign.networks.begin(), campaign.networks.end(),
                       [](const NetworkSpec& network) { return network.protection.has_value(); });
}

std::string energyName(const CampaignSpec& campaign) {
    return campaign.accelerator ? "energy" : "access energy";
}

std::string energyMeaning(const CampaignSpec& campaign) {
    if (campaign.accelerator) {
        return "one inference on " + campaign.accelerator->name +
               ", all memories with their leakage, DRAM and arithmetic. Memories that fail are at "
               "the supply of the point, or at the one that was fixed for them; all else is at its "
               "nominal one.";
    }
    return "accesses of one inference to the weight memory times their energy at this supply; "
           "nothing else of the accelerator is counted. Source: " +
           campaign.energySource;
}

}  // namespace brownout
