#include "emulation/tolerance_rates.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "emulation/tolerable_point.h"

namespace brownout {

namespace {

/// Returns where a curve of values first reaches `level`, from (0, `start`) on.
std::optional<double> firstReach(const std::vector<double>& rates, double start,
                                 const std::vector<double>& values, double level) {
    double rateBefore = 0;
    double before = start;
    for (std::size_t i = 0; i < rates.size(); ++i) {
        if (values[i] >= level && before < level) {
            return rateBefore + (rates[i] - rateBefore) * (level - before) / (values[i] - before);
        }
        rateBefore = rates[i];
        before = values[i];
    }
    return std::nullopt;
}

/// Returns the rank of each value, from 1, equals having the mean of theirs.
std::vector<double> ranksOf(const std::vector<double>& values) {
    std::vector<double> ranks;
    for (const double value : values) {
        double below = 0;
        double equal = 0;
        for (const double other : values) {
            below += other < value ? 1 : 0;
            equal += other == value ? 1 : 0;
        }
        ranks.push_back(below + (equal + 1) / 2);
    }
    return ranks;
}

}  // namespace

std::optional<ToleratedRate> toleratedRate(const Summary& summary, std::uint32_t network,
                                           double rise) {
    std::vector<double> rates, means, lows, highs;
    double clean = 0;
    for (const std::uint32_t point : pointsMildestFirst(summary.campaign)) {
        const SummaryRow& row = summary.row(network, point);
        const MeasuredValue& error = row.main();
        if (!error.faulty || !error.clean) return std::nullopt;
        clean = *error.clean;
        rates.push_back(row.berObserved.value_or(0));
        means.push_back(error.faulty->mean);
        lows.push_back(error.faulty->ci95 ? error.faulty->ci95->low : error.faulty->mean);
        highs.push_back(error.faulty->ci95 ? error.faulty->ci95->high : error.faulty->mean);
    }
    const auto rate = firstReach(rates, clean, means, clean + rise);
    if (!rate) return std::nullopt;
    return ToleratedRate{*rate, firstReach(rates, clean, highs, clean + rise),
                         firstReach(rates, clean, lows, clean + rise)};
}

std::optional<RankCorrelation> rankCorrelation(const std::vector<double>& a,
                                               const std::vector<double>& b) {
    const auto n = static_cast<double>(a.size());
    if (a.size() < 3 || a.size() != b.size()) return std::nullopt;
    const std::vector<double> x = ranksOf(a);
    const std::vector<double> y = ranksOf(b);
    double xy = 0;
    double xx = 0;
    double yy = 0;
    const double mean = (n + 1) / 2;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xy += (x[i] - mean) * (y[i] - mean);
        xx += (x[i] - mean) * (x[i] - mean);
        yy += (y[i] - mean) * (y[i] - mean);
    }
    if (xx == 0 || yy == 0) return std::nullopt;
    RankCorrelation result;
    result.rho = xy / std::sqrt(xx * yy);
    if (a.size() < 4) return result;
    if (std::abs(result.rho) >= 1) {
        // The transform has no end there; one step of ranks short of it does.
        const double near = 1 - 6 * 2 / (n * (n * n - 1));
        const double z = std::atanh(near);
        const double half = 1.959964 * std::sqrt((1 + near * near / 2) / (n - 3));
        result.ci95 =
            result.rho > 0 ? Interval{std::tanh(z - half), 1} : Interval{-1, std::tanh(half - z)};
        return result;
    }
    const double z = std::atanh(result.rho);
    const double half = 1.959964 * std::sqrt((1 + result.rho * result.rho / 2) / (n - 3));
    result.ci95 = Interval{std::tanh(z - half), std::tanh(z + half)};
    return result;
}

}  // namespace brownout
