#include "tools/report/summary_columns.h"

#include <algorithm>

#include "base/numbers.h"

namespace brownout {
namespace {

constexpr const char* kNothing = "-";

std::string percentOrNothing(const std::optional<double>& fraction) {
    return fraction ? percent(*fraction) : kNothing;
}

std::string rateText(const std::optional<double>& rate) {
    return rate ? humanNumber(*rate * 100, 3) : kNothing;
}

std::string shareOfWords(std::uint64_t words, const SummaryRow& row) {
    if (row.sum.wordsRead == 0) return kNothing;
    return humanNumber(100 * static_cast<double>(words) / static_cast<double>(row.sum.wordsRead),
                       3);
}

template <typename Predicate>
bool anyPoint(const CampaignSpec& campaign, Predicate&& predicate) {
    return std::any_of(campaign.points.begin(), campaign.points.end(), predicate);
}

}  // namespace

std::string meanText(const std::optional<Estimate>& error) {
    if (!error) return kNothing;
    return percent(error->mean) + (error->std ? " ± " + percent(*error->std) : "");
}

std::string errorText(const std::optional<Estimate>& error) {
    std::string text = meanText(error);
    if (error && error->ci95) {
        text += " [" + percent(error->ci95->low) + ", " + percent(error->ci95->high) + "]";
    }
    return text;
}

std::string voltageUnit(const CampaignSpec& campaign) {
    if (!campaign.profile) return "supply";
    return campaign.profile->unit == "V" ? "V" : "V/" + campaign.profile->unit;
}

namespace {

/// Says how wide the codes are; nothing where tensors differ.
std::string bitsText(const NetworkSpec& network) {
    return network.bits == 0 ? "" : std::to_string(network.bits) + " bit ";
}

}  // namespace

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
    std::string text;
    if (units >= 2) {
        text = "Errors in %: mean ± standard deviation over " + std::to_string(units) + " " + unit +
               "s [95 % interval of the mean: Student's t, within 0 and 100 %].";
    } else {
        text = "Errors in %: of one " + unit + ", so nothing can be said about their spread.";
    }
    if (summary.replication == Replication::kOffset) {
        text += " One chip only: the spread is over layout offsets, not over chips.";
    }
    if (!summary.complete()) {
        text += " Unfinished: " + std::to_string(summary.trials) + " of " +
                std::to_string(trialCount(summary.campaign)) + " trials.";
    }
    return text;
}

bool hasProtection(const CampaignSpec& campaign) {
    return std::any_of(campaign.networks.begin(), campaign.networks.end(),
                       [](const NetworkSpec& network) { return network.protection.has_value(); });
}

std::vector<SummaryColumn> summaryColumns(const Summary& summary) {
    const auto& campaign = summary.campaign;
    const auto pointOf = [&campaign](const SummaryRow& row) -> const PointSpec& {
        return campaign.points[row.point];
    };
    std::vector<SummaryColumn> columns;
    if (anyPoint(campaign, [](const PointSpec& point) { return point.voltage.has_value(); })) {
        columns.push_back({voltageUnit(campaign), [pointOf](const SummaryRow& row) {
                               const auto& voltage = pointOf(row).voltage;
                               return voltage ? humanNumber(*voltage, 6) : kNothing;
                           }});
    }
    if (voltageUnit(campaign) != "V" && anyPoint(campaign, [&](const PointSpec& point) {
            return supplyInVolts(campaign, point).has_value();
        })) {
        columns.push_back({"V", [pointOf, &campaign](const SummaryRow& row) {
                               const auto volts = supplyInVolts(campaign, pointOf(row));
                               return volts ? humanNumber(*volts, 4) : kNothing;
                           }});
    }
    columns.push_back({"failing cells %", [pointOf](const SummaryRow& row) {
                           return rateText(pointOf(row).berExpected);
                       }});
    columns.push_back(
        {"BER seen %", [](const SummaryRow& row) { return rateText(row.berObserved); }});
    columns.push_back(
        {"clean error %", [](const SummaryRow& row) { return percentOrNothing(row.cleanError); }});
    columns.push_back({"error %", [](const SummaryRow& row) { return errorText(row.error); }});
    columns.push_back(
        {"robust error %", [](const SummaryRow& row) { return meanText(row.robustError); }});
    if (campaign.top > 1) {
        const std::string top = "top-" + std::to_string(campaign.top);
        columns.push_back({top + " clean %", [](const SummaryRow& row) {
                               return percentOrNothing(row.cleanErrorTop);
                           }});
        columns.push_back(
            {top + " error %", [](const SummaryRow& row) { return errorText(row.errorTop); }});
        columns.push_back({top + " robust %",
                           [](const SummaryRow& row) { return meanText(row.robustErrorTop); }});
    }
    if (hasProtection(campaign)) {
        const auto addWords = [&](const char* heading, std::uint64_t TrialCounts::*words) {
            columns.push_back({heading, [words](const SummaryRow& row) {
                                   return shareOfWords(row.sum.*words, row);
                               }});
        };
        addWords("corrected %", &TrialCounts::wordsCorrected);
        addWords("detected %", &TrialCounts::wordsDetected);
        addWords("miscorrected %", &TrialCounts::wordsMiscorrected);
        addWords("silent %", &TrialCounts::wordsSilent);
    }
    if (std::any_of(summary.rows.begin(), summary.rows.end(),
                    [](const SummaryRow& row) { return row.energyPerInferenceJ.has_value(); })) {
        columns.push_back({"energy/inference", [](const SummaryRow& row) {
                               return row.energyPerInferenceJ
                                          ? humanEnergy(*row.energyPerInferenceJ)
                                          : kNothing;
                           }});
    }
    if (anyPoint(campaign,
                 [](const PointSpec& point) { return point.energy.relative.has_value(); })) {
        columns.push_back({"of Vmin's %", [](const SummaryRow& row) {
                               return row.energyRelative ? percent(*row.energyRelative, 1)
                                                         : kNothing;
                           }});
    }
    return columns;
}

}  // namespace brownout
