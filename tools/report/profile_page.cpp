#include "tools/report/profile_page.h"

#include <algorithm>
#include <cmath>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/numbers.h"
#include "profiles/profile_chips.h"
#include "profiles/statistics/line_counts.h"
#include "tools/report/fault_map.h"
#include "tools/report/html.h"
#include "tools/report/page.h"
#include "tools/report/plot_svg.h"
#include "tools/report/plots.h"
#include "tools/report/profile_plots.h"

namespace brownout {
namespace {

/// The voltage whose picture says most: share of failing cells nearest to 1 %, on a logarithmic
/// scale; the lowest if nothing fails.
double voltageToDraw(const std::vector<VoltageStatistics>& rows) {
    const auto distance = [](const VoltageStatistics& row) {
        return row.meanRate > 0 ? std::fabs(std::log(row.meanRate / 0.01)) : HUGE_VAL;
    };
    return std::min_element(rows.begin(), rows.end(),
                            [&](const auto& a, const auto& b) { return distance(a) < distance(b); })
        ->supply;
}

std::string percentOr(const std::optional<double>& share) {
    return share ? percent(*share, 1) : "-";
}

std::string withError(const std::optional<Estimated>& figure, int digits) {
    if (!figure) return "-";
    return humanNumber(std::fabs(figure->value) < 5e-5 ? 0 : figure->value, digits) +
           (figure->error ? " ± " + humanNumber(*figure->error, 2) : "");
}

std::string figures(const Profile& profile, const std::vector<VoltageStatistics>& rows,
                    const SpatialDescription& spatial) {
    const std::string unit = nameOf(profile.device().unit);
    std::vector<std::vector<std::string>> rates, places;
    for (std::size_t i = rows.size(); i-- > 0;) {
        const VoltageStatistics& row = rows[i];
        const SpatialStatistics& at = spatial.at[i];
        rates.push_back(
            {humanNumber(row.supply, 4), humanNumber(100 * row.meanRate, 3),
             humanNumber(100 * at.rateLow, 3) + " to " + humanNumber(100 * at.rateHigh, 3),
             humanNumber(100 * row.bitErrorRate, 3), percent(row.only01, 1), percent(row.only10, 1),
             percent(row.both, 1), percent(row.persistent, 1), percentOr(at.nested)});
        places.push_back({humanNumber(row.supply, 4), percentOr(at.worst5), percentOr(at.worst10),
                          percentOr(at.sameColumn) + " / " + percent(at.sameColumnIfUniform, 1),
                          percentOr(at.sameRow) + " / " + percent(at.sameRowIfUniform, 1),
                          percent(at.cleanArrays, 1), withError(at.columnCorrelation, 2),
                          withError(at.rowCorrelation, 2), withError(at.arrayCorrelation, 2)});
    }
    std::string html = element("h2", "In figures");
    html += htmlTable(
        {"supply, " + unit, "failing cells, %", "95 % interval", "BER, %", "0 to 1 only, %",
         "1 to 0 only, %", "either, %", "in every read, %", "nested, %"},
        rates, true);
    html += htmlTable(
        {"supply, " + unit, "5 worst columns, %", "10 worst, %", "same-column pairs / uniform, %",
         "same-row pairs / uniform, %", "clean arrays, %", "correlation in a column", "in a row",
         "elsewhere in an array"},
        places, true);
    return html +
           element("p",
                   htmlText(
                       "Failing cells: share that can fail, over all chips; its interval is the "
                       "binomial one, of cells that fail independently. BER: bits read wrong on "
                       "data of as many zeros as ones. Nested: share of them that fail at the "
                       "next lower supply, too. Worst columns: their share of the errors, in each "
                       "array. Pairs: of two failing cells of an array, how often they share a "
                       "line. Correlation: of the critical voltages of two cells, under a Gaussian "
                       "copula, with standard errors over " +
                       std::to_string(spatial.blockCount) + " " + nameOf(spatial.blocks) +
                       (spatial.blockCount == 1 ? "." : "s.")));
}

std::string describe(const Profile& profile, const SpatialDescription& spatial) {
    const SramGeometry& g = profile.device().geometry;
    std::vector<std::pair<std::string, std::string>> terms{
        {"chips", std::to_string(profile.chipCount()) + ", " + counted(g.arrays, "array") + " of " +
                      std::to_string(g.rows) + " rows x " + std::to_string(g.columns) +
                      " columns, column mux " + std::to_string(g.columnMux)},
        {"encoding", nameOf(profile.encoding())},
        {"provenance", std::string(nameOf(profile.info().provenance)) + ", " +
                           profile.info().creator + ", " + profile.info().created}};
    for (const std::string& step : profile.info().history) terms.emplace_back("history", step);
    if (spatial.mean) {
        terms.emplace_back("critical voltage", "mean " + withError(spatial.mean, 4) + ", sigma " +
                                                   withError(spatial.sigma, 3) + " " +
                                                   nameOf(profile.device().unit));
    }
    return htmlTerms(terms);
}

}  // namespace

void writeProfilePage(const std::filesystem::path& folder, const Profile& profile,
                      const std::vector<VoltageStatistics>& rows, const SpatialDescription& spatial,
                      std::optional<double> temperatureC) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) throw Error(folder.string(), "cannot be made: " + problem.message());
    const double voltage = voltageToDraw(rows);
    const auto failing = ProfileChips(profile).faults(0, {voltage, temperatureC})->cells();
    const SramGeometry& geometry = profile.device().geometry;
    const std::string where =
        "chip 0 at " + humanNumber(voltage, 4) + " " + nameOf(profile.device().unit);

    const FaultMapImage map = drawFaultMap(geometry, failing);
    writeAtomically(folder / "fault-map.png", map.png);
    std::string pictures = faultMapFigure(map, "Failing cells of " + where,
                                          counted(failing.size(), "failing cell") + ".");
    const std::string rates = drawRates(profile, rows, spatial);
    if (!rates.empty()) {
        writeAtomically(folder / "rate.svg", rates);
        std::string caption =
            colourKey("var(--curve0)", "all chips, with the binomial 95 % interval");
        if (spatial.mean) {
            caption += colourKey("var(--curve1)", "Gaussian: mean " + withError(spatial.mean, 4) +
                                                      ", sigma " + withError(spatial.sigma, 3) +
                                                      " " + nameOf(profile.device().unit));
        }
        pictures +=
            htmlFigure("Failing cells against the voltage",
                       inlineSvg(rates, "rate", "Failing cells against the voltage"), caption);
    }
    const LineCounts lines(geometry, failing);
    for (const bool columns : {true, false}) {
        const LineHistogram histogram{columns ? "column" : "row",
                                      columns ? geometry.rows : geometry.columns,
                                      columns ? lines.ofColumn : lines.ofRow};
        const std::string name = histogram.line + "s";
        const std::string svg = drawLineHistogram(histogram);
        writeAtomically(folder / (name + ".svg"), svg);
        const std::string title = "Failing cells of the " + name + " of " + where;
        pictures += htmlFigure(
            title, inlineSvg(svg, name, title),
            colourKey("var(--curve0)", groupedNumber(histogram.failing.size()) + " " + name) +
                colourKey("var(--curve1)", "if as many faults were uniformly distributed"));
    }
    const std::string title = profile.path().filename().string();
    writeAtomically(folder / "profile.html",
                    htmlPage(title, describe(profile, spatial),
                             element("h2", "In pictures") + "<div class=\"plots\">\n" + pictures +
                                 "</div>\n" + figures(profile, rows, spatial)));
}

}  // namespace brownout
