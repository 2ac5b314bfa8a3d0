#include "tools/report/summary_columns.h"

#include <algorithm>

#include "base/numbers.h"
#include "tools/report/campaign_text.h"
#include "tools/report/measure_text.h"

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

template <typename Predicate>
bool anyPoint(const CampaignSpec& campaign, Predicate&& predicate) {
    return std::any_of(campaign.points.begin(), campaign.points.end(), predicate);
}

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
    if (campaign.accumulators) {
        columns.push_back({"in sums %", [](const SummaryRow& row) {
                               return row.sumBer ? rateText(row.sumBer) : kNothing;
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
