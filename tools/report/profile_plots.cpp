#include "tools/report/profile_plots.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <numeric>

#include "base/numbers.h"
#include "profiles/generator/normal.h"
#include "tools/report/gnuplot.h"
#include "tools/report/plot_svg.h"

namespace brownout {
namespace {

constexpr std::uint32_t kMostBins = 40;

/// Powers of ten as people write them, with a label each.
std::string powersOfTen(int lowest, int highest) {
    std::string tics;
    const int step = std::max(1, (highest - lowest + 5) / 6);
    for (int power = lowest; power <= highest; power += step) {
        const double value = std::pow(10.0, power);
        const std::string label = power >= 0 && power < 10
                                      ? groupedNumber(static_cast<unsigned long long>(value))
                                      : humanNumber(value, 3);
        tics += (tics.empty() ? "" : ", ") + gnuplotText(label) + " " + shortestNumber(value);
    }
    return "set ytics (" + tics + ")\n";
}

std::string line(std::initializer_list<double> numbers) {
    std::string text;
    for (const double number : numbers) text += (text.empty() ? "" : " ") + shortestNumber(number);
    return text + "\n";
}

}  // namespace

std::string drawLineHistogram(const LineHistogram& histogram) {
    const auto& failing = histogram.failing;
    const std::uint32_t most = *std::max_element(failing.begin(), failing.end());
    const double total = std::accumulate(failing.begin(), failing.end(), 0.0);
    const auto lines = static_cast<double>(failing.size());
    const std::uint32_t width = (most + kMostBins) / kMostBins;
    const std::uint32_t bins = most / width + 1;
    std::vector<double> counts(bins);
    for (const std::uint32_t n : failing) ++counts[n / width];
    const boost::math::binomial uniform(histogram.cells, total / lines / histogram.cells);

    std::string bars, curve;
    double highest = 1;
    for (std::uint32_t bin = 0; bin < bins; ++bin) {
        const double first = static_cast<double>(bin) * width;
        const double last = std::min<double>(first + width - 1, histogram.cells);
        const double middle = (first + last) / 2;
        if (counts[bin] > 0) bars += line({middle, counts[bin]});
        const double expected =
            lines * (cdf(uniform, last) - (first > 0 ? cdf(uniform, first - 1) : 0));
        if (expected > 0.05) curve += line({middle, expected});
        highest = std::max({highest, counts[bin], expected});
    }
    std::string script =
        plotHead("failing cells of a " + histogram.line +
                     (width > 1 ? ", " + std::to_string(width) + " values a bar" : ""),
                 histogram.line + "s (log)", "y");
    script += "set logscale y\nset yrange [0.5:" + shortestNumber(highest * 1.6) + "]\n" +
              "set xrange [" + shortestNumber(-0.75 * width) + ":" +
              shortestNumber(bins * width - 0.25 * width) + "]\n" +
              powersOfTen(0, static_cast<int>(std::ceil(std::log10(highest)))) +
              "set style fill solid 0.75 noborder\nset boxwidth " + shortestNumber(0.85 * width) +
              "\n$bars << BROWNOUT_END\n" + bars + "BROWNOUT_END\n$curve << BROWNOUT_END\n" +
              curve + "BROWNOUT_END\n";
    if (most < 12) script += "set xtics 1\n";
    script += "plot $bars using 1:2 with boxes lc rgb " + gnuplotText(curveKey(0));
    if (!curve.empty()) {
        script += ", $curve using 1:2 with linespoints pt 7 ps 0.5 lw 1.2 lc rgb " +
                  gnuplotText(curveKey(1));
    }
    return runGnuplot(script + "\n");
}

std::string drawRates(const Profile& profile, const std::vector<VoltageStatistics>& rows,
                      const SpatialDescription& spatial) {
    std::string points, curve;
    double lowest = 1, highest = 0, left = 0, right = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double rate = 100 * rows[i].meanRate;
        if (rate <= 0) continue;
        const SpatialStatistics& at = spatial.at[i];
        points += line({rows[i].supply, rate, 100 * at.rateLow, 100 * at.rateHigh});
        lowest = std::min(lowest, 100 * std::max(at.rateLow, rows[i].meanRate / 5));
        highest = std::max(highest, 100 * at.rateHigh);
        if (left == 0) left = rows[i].supply;
        right = rows[i].supply;
    }
    if (points.empty()) return "";
    const double margin = std::max(0.06 * (right - left), 1e-3 * right);
    left -= margin;
    right += margin;
    if (spatial.mean && spatial.sigma) {
        for (int i = 0; i <= 60; ++i) {
            const double v = left + (right - left) * i / 60;
            const double rate =
                100 * normalDistribution((spatial.mean->value - v) / spatial.sigma->value);
            if (rate > lowest / 3) curve += line({v, rate});
        }
    }
    const int low = static_cast<int>(std::floor(std::log10(lowest)));
    const int high = static_cast<int>(std::ceil(std::log10(highest)));
    std::string script =
        plotHead(std::string("supply, ") + nameOf(profile.device().unit) + ", falling to the right",
                 "failing cells, % (log)", "y");
    script += "set logscale y\nset yrange [" + shortestNumber(std::pow(10.0, low)) + ":" +
              shortestNumber(std::pow(10.0, high)) + "]\nset xrange [" + shortestNumber(right) +
              ":" + shortestNumber(left) + "]\n" + linearXTics(left, right) +
              powersOfTen(low, high) + "$points << BROWNOUT_END\n" + points +
              "BROWNOUT_END\n$curve << BROWNOUT_END\n" + curve + "BROWNOUT_END\n";
    script += "plot ";
    if (!curve.empty()) {
        script += "$curve using 1:2 with lines lw 1.2 lc rgb " + gnuplotText(curveKey(1)) + ", ";
    }
    script += "$points using 1:2:3:4 with yerrorbars pt 7 ps 0.8 lc rgb " +
              gnuplotText(curveKey(0)) + "\n";
    return runGnuplot(script);
}

}  // namespace brownout
