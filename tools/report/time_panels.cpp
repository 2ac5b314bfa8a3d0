#include "tools/report/time_panels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/numbers.h"
#include "tools/report/gnuplot.h"
#include "tools/report/plot_svg.h"

namespace brownout {
namespace {

constexpr int kWidth = 860;
constexpr int kPanelHeight = 150;
constexpr int kAxisHeight = 60;
/// Colour of series that the legend leaves out: grey.
constexpr std::size_t kPlainColour = 7;

/// The ends of what a panel shows.
struct Ends {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void include(double value, bool log) {
        if (log && !(value > 0)) return;
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

Ends endsOf(const TimePanel& panel) {
    Ends ends;
    for (const TimeSeries& series : panel.series) {
        for (const auto& value : series.values) {
            if (value) ends.include(*value, panel.log);
        }
        for (const auto& band : series.band) {
            if (!band) continue;
            ends.include(band->low, panel.log);
            ends.include(band->high, panel.log);
        }
    }
    return ends;
}

std::string rangeOf(const TimePanel& panel) {
    Ends ends = endsOf(panel);
    if (!(ends.low <= ends.high)) ends = {panel.log ? 0.1 : 0.0, 1};
    if (panel.log) return shortestNumber(ends.low / 1.5) + ":" + shortestNumber(ends.high * 1.5);
    if (panel.fromZero) return "0:" + shortestNumber(ends.high > 0 ? ends.high * 1.08 : 1);
    const double span = ends.high - ends.low;
    const double margin = span > 0 ? span * 0.12 : std::max(std::abs(ends.high) * 0.02, 1e-9);
    return shortestNumber(ends.low - margin) + ":" + shortestNumber(ends.high + margin);
}

/// Returns the values as corners of steps, those that are the same as their neighbours once. A
/// blank line stands where nothing is known, and interrupts the curve.
std::string dataBlock(const std::string& name, const std::vector<double>& edges,
                      const TimeSeries& series, bool log) {
    std::string block = "$" + name + " << BROWNOUT_END\n";
    const auto bandOf = [&](std::size_t i) {
        const double value = *series.values[i];
        const auto band = series.band.empty() ? std::nullopt : series.band[i];
        return band.value_or(Interval{value, value});
    };
    const auto shown = [&](std::size_t i) {
        return series.values[i] && (!log || *series.values[i] > 0);
    };
    for (std::size_t i = 0; i < series.values.size();) {
        if (!shown(i)) {
            block += "\n";
            ++i;
            continue;
        }
        const Interval band = bandOf(i);
        std::size_t end = i + 1;
        while (end < series.values.size() && shown(end) && series.values[end] == series.values[i] &&
               bandOf(end).low == band.low && bandOf(end).high == band.high) {
            ++end;
        }
        for (const double x : {edges[i], edges[end]}) {
            block += shortestNumber(x) + " " + shortestNumber(*series.values[i]) + " " +
                     shortestNumber(band.low) + " " + shortestNumber(band.high) + "\n";
        }
        i = end;
    }
    return block + "BROWNOUT_END\n";
}

/// Returns whether anything of a series would be drawn.
bool hasPoints(const TimeSeries& series, bool log) {
    return std::any_of(series.values.begin(), series.values.end(),
                       [&](const auto& value) { return value && (!log || *value > 0); });
}

std::string headOf(std::size_t panels) {
    const int height = kPanelHeight * static_cast<int>(panels) + kAxisHeight;
    return "set encoding utf8\n"
           "set terminal svg size " +
           std::to_string(kWidth) + "," + std::to_string(height) +
           " dynamic noenhanced font 'sans-serif,14' linewidth 1.4\n"
           "set border 3\nset tics nomirror out scale 0.6\nset grid lc rgb '#888888' lw 0.35 dt 3\n"
           "unset key\nset style fill transparent solid 0.25 noborder\n"
           "set multiplot\n";
}

/// A series, the name of its data, and its colour.
struct PanelCurve {
    const TimeSeries& series;
    std::string data;
    std::size_t colour;
};

/// Returns the commands of one panel.
std::string panelScript(const TimePanel& panel, const std::vector<PanelCurve>& curves,
                        std::size_t index, std::size_t panels) {
    const double whole = kPanelHeight * static_cast<double>(panels) + kAxisHeight;
    const auto share = [&](double pixels) { return shortestNumber(pixels / whole); };
    const double bottom = kAxisHeight + kPanelHeight * static_cast<double>(panels - 1 - index);
    const bool last = index + 1 == panels;
    std::string script = "set lmargin at screen 0.11\nset rmargin at screen 0.98\n";
    script += "set bmargin at screen " + share(bottom + 8) + "\nset tmargin at screen " +
              share(bottom + kPanelHeight - 14) + "\n";
    script += std::string("set format x ") + (last ? "'%g'" : "''") + "\n";
    script += "set xlabel " + gnuplotText(last ? "time, s" : "") + "\n";
    // A label of gnuplot's own would stand nearer or further, as the numbers are short or long.
    script += "set label 1 " + gnuplotText(panel.label + (panel.log ? " (log)" : "")) +
              " at screen 0.02, screen " + share(bottom + kPanelHeight / 2.0) + " center rotate\n";
    script += std::string(panel.log ? "set" : "unset") + " logscale y\n";
    script += "set yrange [" + rangeOf(panel) + "]\n";
    std::string plots;
    for (const PanelCurve& curve : curves) {
        if (!hasPoints(curve.series, panel.log)) continue;
        const std::string colour = gnuplotText(curveKey(curve.colour));
        if (!curve.series.band.empty()) {
            plots += std::string(plots.empty() ? "plot $" : ", $") + curve.data +
                     " using 1:3:4 with filledcurves lc rgb " + colour;
        }
        plots += std::string(plots.empty() ? "plot $" : ", $") + curve.data +
                 " using 1:2 with lines lc rgb " + colour + " lw 1.5";
    }
    // gnuplot draws no axes without a curve.
    return script + (plots.empty() ? "plot 1/0" : plots) + "\n";
}

}  // namespace

Plot drawPanels(const std::vector<double>& edges, const std::vector<TimePanel>& panels,
                const std::string& id, const std::string& title, const std::string& caption) {
    std::string data;
    std::string plots;
    std::size_t colours = 0;
    Plot plot{title, caption, "", {}};
    std::string description = title + ":";
    for (std::size_t i = 0; i < panels.size(); ++i) {
        description += (i == 0 ? " " : ", ") + panels[i].label;
        std::vector<PanelCurve> curves;
        for (const TimeSeries& series : panels[i].series) {
            const std::string name =
                "curve" + std::to_string(i) + "_" + std::to_string(curves.size());
            data += dataBlock(name, edges, series, panels[i].log);
            curves.push_back({series, name, series.name.empty() ? kPlainColour : colours});
            if (series.name.empty()) continue;
            plot.legend.push_back({"▬", curveProperty(colours), series.name});
            ++colours;
        }
        plots += panelScript(panels[i], curves, i, panels.size());
    }
    const std::string script = headOf(panels.size()) + data + "set xrange [" +
                               shortestNumber(edges.front()) + ":" + shortestNumber(edges.back()) +
                               "]\n" + linearXTics(edges.front(), edges.back()) + plots +
                               "unset multiplot\n";
    plot.svg = inlineSvg(runGnuplot(script), id, description + " against time");
    return plot;
}

}  // namespace brownout
