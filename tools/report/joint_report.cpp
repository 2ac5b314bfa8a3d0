#include "tools/report/joint_report.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/numbers.h"
#include "tools/report/html.h"
#include "tools/report/measure_text.h"
#include "tools/report/page.h"
#include "tools/report/plots.h"

namespace brownout {
namespace {

constexpr double kMostApart = 0.1;

/// Returns the measure that all campaigns are compared by.
const Measure& measureOf(const std::vector<NamedSummary>& campaigns) {
    return campaigns.front().summary.measures.front();
}

std::string verdict(const SameRate& one, const std::vector<NamedSummary>& campaigns) {
    if (!one.difference.ci95) return "not enough chips";
    if (!one.decided()) return "undecided";
    const bool aIsHigher = one.difference.mean > 0;
    return campaigns[aIsHigher != measureOf(campaigns).higherIsBetter ? one.a : one.b].name;
}

std::string intervalText(const Measure& measure, const std::optional<Estimate>& estimate) {
    if (!estimate || !estimate->ci95) return "-";
    return valueText(measure, estimate->ci95->low) + " to " +
           valueText(measure, estimate->ci95->high);
}

std::string ratioOfSpread(const SameRate& one) {
    const auto& a = one.rowA.main().faulty->std;
    const auto& b = one.rowB.main().faulty->std;
    return a && b && *b > 0 ? humanNumber(*a / *b, 3) : "-";
}

std::string rate(const SummaryRow& row) {
    return humanNumber(100 * row.berObserved.value_or(0), 3);
}

std::string comparisonSection(const std::vector<NamedSummary>& campaigns) {
    const auto pairs = atTheSameRate(campaigns);
    const Measure& measure = measureOf(campaigns);
    if (pairs.empty()) {
        return element("h2", "At the same bit error rate") +
               paragraph(
                   "No two campaigns have a network in common at points whose observed bit "
                   "error rates are within a tenth of each other.");
    }
    std::string html =
        element("h2", "At the same bit error rate") +
        paragraph(
            "Networks on two kinds of faults, at points where about as many bits were "
            "read wrong: what differs is where the faults lie and which way they turn. " +
            capitalised(measure.plural) + (measure.inPercent ? " in %" : "") +
            ", mean ± standard deviation over chips; the difference" +
            (measure.inPercent ? ", in percentage points," : "") +
            " has a 95 % interval made from those of the two means, because the chips are not the "
            "same ones. It is decided where the interval excludes zero; of twenty true "
            "ties, one will look decided. The ratio of the standard deviations shows how "
            "much more one kind of chip differs from the next than the other.");
    for (std::size_t i = 0; i < pairs.size();) {
        const std::string& nameA = campaigns[pairs[i].a].name;
        const std::string& nameB = campaigns[pairs[i].b].name;
        std::vector<std::vector<std::string>> rows;
        const std::size_t first = i;
        for (; i < pairs.size() && pairs[i].a == pairs[first].a && pairs[i].b == pairs[first].b;
             ++i) {
            const SameRate& one = pairs[i];
            rows.push_back({one.network, rate(one.rowA) + " / " + rate(one.rowB),
                            meanText(measure, one.rowA.main().faulty),
                            meanText(measure, one.rowB.main().faulty),
                            estimateText(measure, one.difference), ratioOfSpread(one),
                            verdict(one, campaigns)});
        }
        html += element("h3", htmlText(nameA + " against " + nameB)) +
                htmlTable({"network", "BER seen, %", nameA, nameB, "difference", "ratio of std",
                           "costs more"},
                          rows, true);
    }
    return html;
}

std::string figureSection(const std::vector<NamedSummary>& campaigns) {
    std::vector<std::pair<std::string, const Summary*>> named;
    for (const NamedSummary& one : campaigns) named.emplace_back(one.name, &one.summary);
    const Plot plot = drawErrorAgainstObservedRate(named);
    if (plot.svg.empty()) return "";
    return element("h2", "In a picture") + plotFigure(plot, "max-width:44rem");
}

std::string tableSection(const NamedSummary& one) {
    const CampaignSpec& spec = one.summary.campaign;
    const Measure& measure = one.summary.measures.front();
    const std::string name = measure.name + (measure.inPercent ? ", %" : "");
    std::vector<std::vector<std::string>> rows;
    for (const SummaryRow& row : one.summary.rows) {
        const MeasuredValue& value = row.main();
        rows.push_back({spec.networks[row.network].name, spec.points[row.point].label, rate(row),
                        valueText(measure, value.clean), meanText(measure, value.faulty),
                        intervalText(measure, value.faulty), std::to_string(row.units)});
    }
    return element("h3", htmlText(one.name)) +
           htmlTable({"network", spec.profile ? "supply" : "point", "BER seen, %", "clean " + name,
                      name, "95 % interval", std::string(toString(one.summary.replication)) + "s"},
                     rows, true);
}

const SummaryRow* nearest(const Summary& summary, std::uint32_t network, double ber) {
    const SummaryRow* best = nullptr;
    const auto distance = [&](const SummaryRow& row) {
        return std::fabs(*row.berObserved / ber - 1);
    };
    for (const SummaryRow& row : summary.rows) {
        if (row.network != network || !row.berObserved || !row.main().faulty) continue;
        if (best == nullptr || distance(row) < distance(*best)) best = &row;
    }
    return best != nullptr && distance(*best) <= kMostApart ? best : nullptr;
}

}  // namespace

std::vector<SameRate> atTheSameRate(const std::vector<NamedSummary>& campaigns) {
    const Measure& measure = measureOf(campaigns);
    for (const NamedSummary& one : campaigns) {
        if (one.summary.measures.front().key != measure.key) {
            throw Error("report", one.name + " is about the " + one.summary.measures.front().name +
                                      ", " + campaigns.front().name + " about the " + measure.name +
                                      "; expected sweeps of one task");
        }
    }
    std::vector<SameRate> pairs;
    for (std::size_t a = 0; a < campaigns.size(); ++a) {
        for (std::size_t b = a + 1; b < campaigns.size(); ++b) {
            const auto& networksA = campaigns[a].summary.campaign.networks;
            const auto& networksB = campaigns[b].summary.campaign.networks;
            for (const SummaryRow& row : campaigns[a].summary.rows) {
                if (!row.berObserved || *row.berObserved <= 0 || !row.main().faulty) {
                    continue;
                }
                for (std::uint32_t n = 0; n < networksB.size(); ++n) {
                    if (networksB[n].name != networksA[row.network].name) continue;
                    const auto* other = nearest(campaigns[b].summary, n, *row.berObserved);
                    if (other == nullptr) continue;
                    pairs.push_back({networksB[n].name, a, b, row, *other,
                                     meanDifference(*row.main().faulty, *other->main().faulty,
                                                    measure.possibleDifference())});
                }
            }
        }
    }
    return pairs;
}

std::string jointReportHtml(const std::vector<NamedSummary>& campaigns) {
    std::string title;
    for (const NamedSummary& one : campaigns) title += (title.empty() ? "" : " and ") + one.name;
    std::string tables = element("h2", "In figures");
    for (const NamedSummary& one : campaigns) tables += tableSection(one);
    return htmlPage(title, "", figureSection(campaigns) + comparisonSection(campaigns) + tables,
                    madeBy(campaigns.front().summary.campaign.version));
}

}  // namespace brownout
