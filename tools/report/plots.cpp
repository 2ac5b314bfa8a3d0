#include "tools/report/plots.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "tools/report/gnuplot.h"
#include "base/numbers.h"
#include "emulation/tolerable_point.h"
#include "tools/report/plot_svg.h"
#include "tools/report/summary_columns.h"

namespace brownout {
namespace {

struct Sample {
    double x = 0;
    double y = 0;
    std::optional<Interval> interval;
    std::string label;
    bool labelled = false;  ///< there is room for the label
};

struct Curve {
    std::size_t network = 0;  ///< decides colour and marker, the same in every diagram
    std::optional<std::size_t> colour = {};  ///< another colour than that of `network`
    std::string name;
    std::vector<Sample> samples;
    std::optional<double> level;  ///< of a dashed horizontal line in the curve's colour
};

struct Diagram {
    std::string xLabel;
    std::string yLabel;
    bool xReversed = false;
    bool xLog = false;
    bool yLog = false;
    std::vector<Curve> curves;
};

struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    void include(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

// Distinct without colour, too: circle, square, triangle, diamond, filled, then open.
struct Marker {
    int gnuplotType;
    const char* character;
};
constexpr std::array<Marker, 8> kMarkers = {
    {{7, "●"}, {5, "■"}, {9, "▲"}, {13, "◆"}, {6, "○"}, {4, "□"}, {8, "△"}, {12, "◇"}}};

Range rangeOfX(const Diagram& diagram) {
    Range range;
    for (const auto& curve : diagram.curves) {
        for (const auto& sample : curve.samples) range.include(sample.x);
    }
    if (diagram.xLog) return {range.low / 1.3, range.high * 1.3};
    const double span = range.high - range.low;
    const double margin = span > 0 ? span * 0.06 : std::max(std::abs(range.high) * 0.05, 1e-9);
    return {range.low - margin, range.high + margin};
}

/// On a log axis only what is above zero counts; intervals are cut where the axis ends.
Range rangeOfY(const Diagram& diagram) {
    Range range;
    Range ends;
    for (const auto& curve : diagram.curves) {
        if (curve.level && (*curve.level > 0 || !diagram.yLog)) range.include(*curve.level);
        for (const auto& sample : curve.samples) {
            if (sample.y > 0 || !diagram.yLog) range.include(sample.y);
            if (sample.interval) {
                ends.include(sample.interval->low);
                ends.include(sample.interval->high);
            }
        }
    }
    const double high = std::max(range.high, ends.high);
    if (diagram.yLog) {
        const double lowest = std::max(std::min(range.low, ends.low), range.low / 2);
        return {lowest / 1.15, high * 1.15};
    }
    return {0, high > 0 ? high * 1.05 : 1};
}

/// A logarithmic axis pays where the curves span more than a decade.
bool spansADecade(const Diagram& diagram) {
    Range positive;
    for (const auto& curve : diagram.curves) {
        for (const auto& sample : curve.samples) {
            if (sample.y > 0) positive.include(sample.y);
        }
    }
    return positive.high > 10 * positive.low;
}

/// Decides which samples have room for their label, right of them: not where another sample or
/// label is in the way.
void labelWhereThereIsRoom(Diagram& diagram) {
    constexpr double kLabelWidth = 0.13;  // shares of the diagram
    constexpr double kLabelHeight = 0.055;
    const auto xRange = rangeOfX(diagram);
    const auto yRange = rangeOfY(diagram);
    struct Place {
        double x, y, width;
    };
    std::vector<Place> taken;
    const auto placeOf = [&](const Sample& sample) {
        const auto scaled = [](double value, const Range& range, bool log) {
            if (!log) return (value - range.low) / (range.high - range.low);
            return std::log(value / range.low) / std::log(range.high / range.low);
        };
        const double y = diagram.yLog ? std::max(sample.y, yRange.low) : sample.y;
        return Place{scaled(sample.x, xRange, diagram.xLog), scaled(y, yRange, diagram.yLog), 0.02};
    };
    for (const auto& curve : diagram.curves) {
        for (const auto& sample : curve.samples) taken.push_back(placeOf(sample));
    }
    for (auto& curve : diagram.curves) {
        for (auto& sample : curve.samples) {
            const auto place = placeOf(sample);
            const double left = place.x + 0.015;
            sample.labelled = std::none_of(taken.begin(), taken.end(), [&](const Place& other) {
                return other.x + other.width > left && other.x < left + kLabelWidth &&
                       std::abs(other.y - place.y) < kLabelHeight &&
                       (other.x != place.x || other.y != place.y);
            });
            if (sample.labelled) taken.push_back({left, place.y, kLabelWidth});
        }
    }
}

/// 1, 2 and 5 times powers of ten: gnuplot alone would label the powers only.
std::string logTics(const Range& range) {
    const int lowest = static_cast<int>(std::floor(std::log10(range.low)));
    const int highest = static_cast<int>(std::ceil(std::log10(range.high)));
    const bool powersOnly = highest - lowest > 4;
    std::string tics;
    for (int power = lowest; power <= highest; ++power) {
        for (const int digit : {1, 2, 5}) {
            if (powersOnly && digit != 1) continue;
            const auto tic = humanNumber(digit * std::pow(10.0, power), 3);
            tics += (tics.empty() ? "" : ", ") + gnuplotText(tic) + " " + tic;
        }
    }
    return "(" + tics + ")";
}

std::string rangeText(const Range& range, bool reversed) {
    const auto low = shortestNumber(range.low);
    const auto high = shortestNumber(range.high);
    return reversed ? "[" + high + ":" + low + "]" : "[" + low + ":" + high + "]";
}

std::string dataBlock(const std::string& name, const Curve& curve, const Diagram& diagram,
                      const Range& yRange) {
    std::string block = "$" + name + " << BROWNOUT_END\n";
    for (const auto& sample : curve.samples) {
        if (diagram.yLog && sample.y <= 0) continue;
        const auto interval = sample.interval.value_or(Interval{sample.y, sample.y});
        block += shortestNumber(sample.x) + " " + shortestNumber(sample.y) + " " +
                 shortestNumber(std::max(interval.low, yRange.low)) + " " +
                 shortestNumber(interval.high) + " " +
                 gnuplotDatum(sample.labelled ? sample.label : "") + "\n";
    }
    return block + "BROWNOUT_END\n";
}

std::string scriptFor(const Diagram& diagram) {
    const auto x = rangeOfX(diagram);
    const auto y = rangeOfY(diagram);
    std::string script =
        "set encoding utf8\n"
        "set terminal svg size 520,390 dynamic noenhanced font 'sans-serif,16' linewidth 1.4\n"
        "set border 3\nset tics nomirror out scale 0.6\n"
        "set grid lc rgb '#888888' lw 0.35 dt 3\n"
        "unset key\nset bars 0.7\nset rmargin 3\n";
    script += "set xlabel " + gnuplotText(diagram.xLabel) + "\n";
    script += "set ylabel " + gnuplotText(diagram.yLabel) + "\n";
    script += "set xrange " + rangeText(x, diagram.xReversed) + "\n";
    script += "set yrange " + rangeText(y, false) + "\n";
    if (diagram.xLog) script += "set logscale x\nset format x '%g'\n";
    script += diagram.xLog ? "set xtics " + logTics(x) + "\n" : linearXTics(x.low, x.high);
    if (diagram.yLog) script += "set logscale y\nset ytics " + logTics(y) + "\n";
    std::string plots;
    for (const auto& curve : diagram.curves) {
        const auto name = "curve" + std::to_string(curve.network);
        const auto colour = curveKey(curve.colour.value_or(curve.network));
        script += dataBlock(name, curve, diagram, y);
        plots += plots.empty() ? "plot " : ", ";
        plots += "$" + name + " using 1:2:3:4 with yerrorlines lc rgb " + gnuplotText(colour) +
                 " pt " + std::to_string(kMarkers[curve.network % kMarkers.size()].gnuplotType) +
                 " ps 0.8";
        if (curve.level && (!diagram.yLog || *curve.level > 0)) {
            plots += ", " + shortestNumber(*curve.level) + " with lines lc rgb " +
                     gnuplotText(colour) + " lw 0.7 dt 2";
        }
        if (std::any_of(curve.samples.begin(), curve.samples.end(),
                        [](const Sample& sample) { return sample.labelled; })) {
            plots += ", $" + name + " using 1:2:5 with labels left offset 0.9,0 font " +
                     gnuplotText("sans-serif,12") + " tc rgb " + gnuplotText(colour);
        }
    }
    return script + plots + "\n";
}

Plot draw(Diagram diagram, const std::string& id, const std::string& title,
          const std::string& caption) {
    if (diagram.yLog) diagram.yLabel += " (log)";
    if (diagram.xLog) diagram.xLabel += " (log)";
    Plot plot{title, caption, "", {}};
    plot.svg = inlineSvg(runGnuplot(scriptFor(diagram)), id,
                         title + ": " + diagram.yLabel + " against " + diagram.xLabel);
    for (const auto& curve : diagram.curves) {
        plot.legend.push_back({kMarkers[curve.network % kMarkers.size()].character,
                               curveProperty(curve.colour.value_or(curve.network)), curve.name});
    }
    return plot;
}

std::optional<Interval> inPercent(const std::optional<Interval>& interval) {
    if (!interval) return std::nullopt;
    return Interval{interval->low * 100, interval->high * 100};
}

/// One curve a network of what `x` and `y` give for its rows; rows that lack either are left out.
template <typename X, typename Y>
std::vector<Curve> curvesOf(const Summary& summary, X&& x, Y&& y) {
    std::vector<Curve> curves;
    for (std::uint32_t network = 0; network < summary.campaign.networks.size(); ++network) {
        Curve curve;
        curve.network = network;
        curve.name = summary.campaign.networks[network].name;
        for (const auto point : pointsMildestFirst(summary.campaign)) {
            const auto& row = summary.row(network, point);
            const std::optional<double> atX = x(row);
            std::optional<Sample> sample = y(row);
            if (!atX || !sample) continue;
            sample->x = *atX;
            sample->label = summary.campaign.points[point].label;
            curve.samples.push_back(*sample);
        }
        if (!curve.samples.empty()) curves.push_back(curve);
    }
    return curves;
}

std::optional<Sample> errorSample(const SummaryRow& row) {
    if (!row.error) return std::nullopt;
    return Sample{0, row.error->mean * 100, inPercent(row.error->ci95), ""};
}

void addCleanLevels(const Summary& summary, Diagram& diagram) {
    if (diagram.curves.size() > 4) return;  // too many lines to tell apart
    for (auto& curve : diagram.curves) {
        for (const auto& row : summary.rows) {
            if (row.network == curve.network && row.cleanError) {
                curve.level = *row.cleanError * 100;
            }
        }
    }
}

/// Energies get one unit for the whole axis.
struct EnergyUnit {
    double joules = 1;
    std::string name = "J";
};

EnergyUnit energyUnitFor(const Summary& summary) {
    double largest = 0;
    for (const auto& row : summary.rows) {
        largest = std::max(largest, row.energyPerInferenceJ.value_or(0));
    }
    for (const auto& unit : {EnergyUnit{1, "J"}, EnergyUnit{1e-3, "mJ"}, EnergyUnit{1e-6, "µJ"},
                             EnergyUnit{1e-9, "nJ"}, EnergyUnit{1e-12, "pJ"}}) {
        if (largest >= unit.joules) return unit;
    }
    return {1e-15, "fJ"};
}

constexpr const char* kIntervalCaption =
    "Mean over the units of replication; bars are its 95 % interval. Dashed: the error without "
    "faults.";

void finishErrorAxis(const Summary& summary, Diagram& diagram) {
    diagram.yLog = spansADecade(diagram);
    addCleanLevels(summary, diagram);
}

}  // namespace

std::vector<Plot> drawPlots(const Summary& summary) {
    const auto& campaign = summary.campaign;
    const auto pointOf = [&](const SummaryRow& row) -> const PointSpec& {
        return campaign.points[row.point];
    };
    const auto voltageOf = [&](const SummaryRow& row) { return pointOf(row).voltage; };
    const auto voltageLabel = voltageUnit(campaign) == "V" ? std::string("supply, V")
                                                           : "supply, " + voltageUnit(campaign);
    std::vector<Plot> plots;

    Diagram errors;
    errors.yLabel = "error, %";
    errors.xReversed = true;
    errors.xLabel = voltageLabel + ", falling to the right";
    errors.curves = curvesOf(summary, voltageOf, errorSample);
    if (!errors.curves.empty()) {
        finishErrorAxis(summary, errors);
        plots.push_back(draw(errors, "ev", "Error against voltage", kIntervalCaption));
    }

    Diagram rates;
    rates.yLabel = "error, %";
    rates.xLog = true;
    rates.xLabel = "bit error rate asked for, %";
    rates.curves = curvesOf(
        summary,
        [&](const SummaryRow& row) -> std::optional<double> {
            const auto& ber = pointOf(row).ber;
            if (!ber || *ber <= 0) return std::nullopt;  // zero has no place on a log axis
            return *ber * 100;
        },
        errorSample);
    if (!rates.curves.empty()) {
        finishErrorAxis(summary, rates);
        plots.push_back(draw(rates, "eb", "Error against bit error rate", kIntervalCaption));
    }

    const auto unit = energyUnitFor(summary);
    const auto energyOf = [&](const SummaryRow& row) -> std::optional<double> {
        if (!row.energyPerInferenceJ || *row.energyPerInferenceJ <= 0) return std::nullopt;
        return *row.energyPerInferenceJ / unit.joules;
    };
    const std::string energyLabel = "access energy per inference, " + unit.name;

    Diagram energies;
    energies.xReversed = true;
    energies.xLabel = errors.xLabel;
    energies.yLabel = energyLabel;
    energies.curves =
        curvesOf(summary, voltageOf, [&](const SummaryRow& row) -> std::optional<Sample> {
            const auto energy = energyOf(row);
            if (!energy) return std::nullopt;
            return Sample{0, *energy, {}, ""};
        });
    if (!energies.curves.empty()) {
        energies.yLog = spansADecade(energies);
        plots.push_back(draw(energies, "pv", "Energy against voltage",
                             "Reads and writes of the weight memory in one inference, times their "
                             "access energy. Source: " +
                                 campaign.energySource));
    }

    Diagram tradeOff;
    tradeOff.xLabel = energyLabel;
    tradeOff.yLabel = "error, %";
    tradeOff.curves = curvesOf(summary, energyOf, errorSample);
    if (!tradeOff.curves.empty()) {
        finishErrorAxis(summary, tradeOff);
        labelWhereThereIsRoom(tradeOff);
        plots.push_back(draw(tradeOff, "ee", "Error against energy",
                             "What a given energy costs in accuracy: lower left is better. Numbers "
                             "beside points are supplies."));
    }
    return plots;
}

Plot drawErrorAgainstObservedRate(
    const std::vector<std::pair<std::string, const Summary*>>& campaigns) {
    Diagram diagram;
    diagram.xLabel = "bits read wrong, %";
    diagram.yLabel = "error, %";
    diagram.xLog = true;
    // Two campaigns of up to four networks: a colour a network, filled and open marks.
    const bool paired = campaigns.size() == 2 &&
                        campaigns[0].second->campaign.networks.size() <= 4 &&
                        campaigns[1].second->campaign.networks.size() <= 4;
    std::size_t place = 0;
    for (std::size_t c = 0; c < campaigns.size(); ++c) {
        for (Curve curve : curvesOf(
                 *campaigns[c].second,
                 [](const SummaryRow& row) -> std::optional<double> {
                     if (!row.berObserved || *row.berObserved <= 0) return std::nullopt;
                     return *row.berObserved * 100;
                 },
                 errorSample)) {
            if (place == kMarkers.size()) break;
            if (paired) curve.colour = curve.network;
            curve.network = paired ? 4 * c + curve.network : place;
            ++place;
            curve.name += ", " + campaigns[c].first;
            diagram.curves.push_back(curve);
        }
    }
    if (diagram.curves.empty()) return {};
    diagram.yLog = spansADecade(diagram);
    return draw(diagram, "eo", "Error against the bits that were read wrong",
                "Mean over the units of replication; bars are its 95 % interval.");
}

}  // namespace brownout
