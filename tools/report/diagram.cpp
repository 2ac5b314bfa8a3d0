#include "tools/report/diagram.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/numbers.h"
#include "tools/report/gnuplot.h"
#include "tools/report/plot_svg.h"

namespace brownout {
namespace {

struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    void include(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

// Distinct without colour, too: circle, square, triangle, diamond, filled, then open; then with
// colours a second time a triangle that points down and a pentagon.
struct Marker {
    int gnuplotType;
    const char* character;
};
constexpr std::array<Marker, kMarkerCount> kMarkers = {{{7, "●"},
                                                        {5, "■"},
                                                        {9, "▲"},
                                                        {13, "◆"},
                                                        {6, "○"},
                                                        {4, "□"},
                                                        {8, "△"},
                                                        {12, "◇"},
                                                        {11, "▼"},
                                                        {15, "⬟"},
                                                        {10, "▽"},
                                                        {14, "⬠"}}};

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

/// 1, 2 and 5 times powers of ten: gnuplot alone would label the powers only.
/// Over more than `mostDecades` their labels would be too many, and only the powers have one.
std::string logTics(const Range& range, double mostDecades) {
    const int lowest = static_cast<int>(std::floor(std::log10(range.low)));
    const int highest = static_cast<int>(std::ceil(std::log10(range.high)));
    const bool powersOnly = std::log10(range.high / range.low) > mostDecades;
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
    std::string script = plotHead(diagram.xLabel, diagram.yLabel, "");
    script += "set xrange " + rangeText(x, diagram.xReversed) + "\n";
    script += "set yrange " + rangeText(y, false) + "\n";
    if (diagram.xLog) script += "set logscale x\nset format x '%g'\n";
    script += diagram.xLog ? "set xtics " + logTics(x, 2.5) + "\n" : linearXTics(x.low, x.high);
    if (diagram.yLog) script += "set logscale y\nset ytics " + logTics(y, 3.5) + "\n";
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

}  // namespace

bool spansADecade(const Diagram& diagram) {
    Range positive;
    for (const auto& curve : diagram.curves) {
        for (const auto& sample : curve.samples) {
            if (sample.y > 0) positive.include(sample.y);
        }
    }
    return positive.high > 10 * positive.low;
}

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

}  // namespace brownout
