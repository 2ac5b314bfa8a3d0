#include "tools/report/summary_columns.h"

#include <algorithm>

#include "base/numbers.h"

namespace brownout {
namespace {

constexpr const char* kNothing = "-";

std::string rateText(const std::optional<double>& rate) {
    return rate ? humanNumber(*rate * 100, 3) : kNothing;
}

std::string shareOfWords(std::uint64_t words, const SummaryRow& row) {
    if (row.sum.wordsRead == 0) return kNothing;
    return humanNumber(100 * static_cast<double>(words) / static_cast<double>(row.sum.wordsRead),
                       3);
}

/// Tells whether the first measure's value fulfils the predicate in any row.
template <typename Predicate>
bool anyMain(const Summary& summary, Predicate&& predicate) {
    return std::any_of(summary.rows.begin(), summary.rows.end(),
                       [&](const SummaryRow& row) { return predicate(row.main()); });
}

template <typename Predicate>
bool anyPoint(const CampaignSpec& campaign, Predicate&& predicate) {
    return std::any_of(campaign.points.begin(), campaign.points.end(), predicate);
}

}  // namespace

std::string valueText(const Measure& measure, const std::optional<double>& value) {
    if (!value) return kNothing;
    return measure.inPercent ? percent(*value) : humanNumber(*value, 4);
}

std::string meanText(const Measure& measure, const std::optional<Estimate>& estimate) {
    if (!estimate) return kNothing;
    return valueText(measure, estimate->mean) +
           (estimate->std ? " ± " + valueText(measure, estimate->std) : "");
}

std::string estimateText(const Measure& measure, const std::optional<Estimate>& estimate) {
    std::string text = meanText(measure, estimate);
    if (estimate && estimate->ci95) {
        text += " [" + valueText(measure, estimate->ci95->low) + ", " +
                valueText(measure, estimate->ci95->high) + "]";
    }
    return text;
}

std::string capitalised(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    }
    return text;
}

std::string voltageUnit(const CampaignSpec& campaign) {
    if (campaign.device) return "V";
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

namespace {

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

namespace {

/// Adds what was asked of an interval, what was reached, and the effort.
void addPrecision(const Measure& measure, std::vector<SummaryColumn>& columns) {
    columns.push_back({"asked ±", [&measure](const SummaryRow& row) {
                           return row.precision ? valueText(measure, row.precision->target)
                                                : kNothing;
                       }});
    columns.push_back({"reached ±", [&measure](const SummaryRow& row) {
                           if (!row.precision) return std::string(kNothing);
                           const bool missed = row.precision->finished && !row.precision->reached;
                           return valueText(measure, row.precision->halfWidth) +
                                  (missed ? ", missed" : "");
                       }});
    columns.push_back({"chips", [](const SummaryRow& row) { return std::to_string(row.chips); }});
    columns.push_back({"inferences", [](const SummaryRow& row) {
                           return row.precision ? groupedNumber(row.precision->imageInferences)
                                                : kNothing;
                       }});
    columns.push_back({"exact would take", [](const SummaryRow& row) {
                           return row.precision ? groupedNumber(row.precision->exactInferences)
                                                : kNothing;
                       }});
}

/// Adds what describes the units beside the mean of the first measure: their median, the share of
/// dead ones, and where a few dominate the worst of them.
void addUnits(const Summary& summary, std::vector<SummaryColumn>& columns) {
    const Measure& measure = summary.measures.front();
    const std::string unit = toString(summary.replication);
    if (!anyMain(summary, [](const MeasuredValue& value) { return value.units > 1; })) return;
    columns.push_back({"median", [&measure](const SummaryRow& row) {
                           return valueText(measure, row.main().median);
                       }});
    if (anyMain(summary, [](const MeasuredValue& value) { return value.dead.has_value(); })) {
        columns.push_back({"dead %", [](const SummaryRow& row) {
                               return row.main().dead ? percent(*row.main().dead, 1) : kNothing;
                           }});
    }
    if (anyMain(summary, [](const MeasuredValue& value) { return value.fewDominate; })) {
        columns.push_back({"few dominate", [&measure, unit](const SummaryRow& row) {
                               const auto& worst = row.main().worst;
                               if (!row.main().fewDominate || !worst) return std::string(kNothing);
                               return "worst " + valueText(measure, worst->value) + ", " + unit +
                                      " " + std::to_string(worst->number);
                           }});
    }
}

}  // namespace

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
    if (campaign.device) {
        columns.push_back({"measured V", [](const SummaryRow& row) {
                               const auto volts = measuredSupplyV(row.sum);
                               return volts ? humanNumber(*volts, 5) : kNothing;
                           }});
    } else {
        columns.push_back({"failing cells %", [pointOf](const SummaryRow& row) {
                               return rateText(pointOf(row).berExpected);
                           }});
    }
    columns.push_back(
        {"BER seen %", [](const SummaryRow& row) { return rateText(row.berObserved); }});
    if (campaign.activations) {
        columns.push_back({"in activations %", [](const SummaryRow& row) {
                               return row.activationBer ? rateText(row.activationBer) : kNothing;
                           }});
    }
    for (std::size_t i = 0; i < summary.measures.size(); ++i) {
        const Measure& measure = summary.measures[i];
        if (!measure.cleanHeading.empty()) {
            columns.push_back({measure.cleanHeading, [&measure, i](const SummaryRow& row) {
                                   return valueText(measure, row.values[i].clean);
                               }});
        }
        columns.push_back({measure.heading, [&measure, i](const SummaryRow& row) {
                               const auto& value = row.values[i].faulty;
                               return measure.showsInterval ? estimateText(measure, value)
                                                            : meanText(measure, value);
                           }});
        if (i == 0) addUnits(summary, columns);
        if (i == 0 && campaign.precision) addPrecision(measure, columns);
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
