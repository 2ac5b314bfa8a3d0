// The sections of a report that show results: in a sentence, in pictures, in tables, against each
// other.

#include <algorithm>

#include "base/numbers.h"
#include "emulation/tolerable_point.h"
#include "tools/report/campaign_text.h"
#include "tools/report/fault_map.h"
#include "tools/report/html.h"
#include "tools/report/measure_text.h"
#include "tools/report/page.h"
#include "tools/report/plots.h"
#include "tools/report/report_sections.h"
#include "tools/report/summary_columns.h"
#include "tools/results/summary_output.h"

namespace brownout {
namespace {

/// Why harshestTolerable() found no point.
std::string whyNoPoint(const Summary& summary, std::uint32_t network) {
    const auto& mildest = summary.row(network, pointsMildestFirst(summary.campaign).front());
    if (!mildest.main().faulty) return "not finished";
    if (!mildest.main().faulty->ci95)
        return std::string("unknown from one ") + toString(summary.replication);
    return "none of those measured";
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
    return protectionNameOf(a) == protectionNameOf(b) || contentOf(a) == contentOf(b);
}

}  // namespace

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
    if (withEnergy) headings.emplace_back(energyName(campaign) + " saved %");
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

}  // namespace brownout
