#include "emulation/statistics.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <vector>

#include "base/error.h"

namespace brownout {
namespace {

// Sums of squares of image counts outgrow 64 bits in large campaigns.
__extension__ typedef __int128 Wide;

/// Completes an estimate whose mean and variance are known.
Estimate estimateFrom(double mean, double variance, std::uint64_t n, const HarmScale& scale,
                      const Interval& possible) {
    Estimate estimate;
    estimate.mean = mean;
    if (n < 2) return estimate;
    estimate.std = std::sqrt(variance);
    estimate.ci95 = chipInterval(mean, *estimate.std, n, scale, possible);
    return estimate;
}

/// Mean and variance of values[i] / denominator, from exact integer sums:
/// var = (n sum(x^2) - sum(x)^2) / (n (n - 1) denominator^2).
Estimate estimateOfIntegers(const std::vector<Wide>& values, std::uint64_t denominator,
                            const HarmScale& scale, const Interval& possible) {
    const auto n = static_cast<Wide>(values.size());
    Wide sum = 0;
    Wide sumOfSquares = 0;
    for (const Wide value : values) {
        sum += value;
        sumOfSquares += value * value;
    }
    const auto whole = static_cast<long double>(denominator);
    const auto mean = static_cast<long double>(sum) / (static_cast<long double>(n) * whole);
    const auto variance = n < 2 ? 0.0L
                                : static_cast<long double>(n * sumOfSquares - sum * sum) /
                                      static_cast<long double>(n * (n - 1)) / whole / whole;
    return estimateFrom(static_cast<double>(mean), static_cast<double>(variance), values.size(),
                        scale, possible);
}

/// The same for units of different sizes, where no common denominator fits: two passes.
Estimate estimateOfReals(const std::vector<long double>& values, const HarmScale& scale,
                         const Interval& possible) {
    const bool equal = std::all_of(values.begin(), values.end(),
                                   [&](long double value) { return value == values[0]; });
    if (equal) {  // whose sum, divided, may be another number
        return estimateFrom(static_cast<double>(values[0]), 0, values.size(), scale, possible);
    }
    const auto n = static_cast<long double>(values.size());
    long double sum = 0;
    for (const auto value : values) sum += value;
    const long double mean = sum / n;
    long double squares = 0;
    for (const auto value : values) squares += (value - mean) * (value - mean);
    const long double variance = values.size() < 2 ? 0 : squares / (n - 1);
    return estimateFrom(static_cast<double>(mean), static_cast<double>(variance), values.size(),
                        scale, possible);
}

void requireImages(Span<const Amount> units) {
    if (units.empty()) throw Error("statistics", "no observations to take the mean of");
    for (const auto& unit : units) {
        if (unit.over == 0) throw Error("statistics", "an observation without images");
    }
}

/// Tells whether the units are whole numbers over one denominator.
bool areSharesOf(Span<const Amount> units, std::uint64_t over) {
    return std::all_of(units.begin(), units.end(),
                       [&](const Amount& unit) { return unit.over == over && unit.fraction == 0; });
}

}  // namespace

double studentT(double probability, std::uint64_t degreesOfFreedom) {
    if (degreesOfFreedom == 0) throw Error("statistics", "Student's t needs a degree of freedom");
    return boost::math::quantile(boost::math::students_t(static_cast<double>(degreesOfFreedom)),
                                 probability);
}

long double Amount::mean() const {
    const long double all =
        static_cast<long double>(sum) + std::ldexp(static_cast<long double>(fraction), -40);
    return all / static_cast<long double>(over);
}

Estimate meanOf(Span<const Amount> units, const HarmScale& scale, const Interval& possible) {
    requireImages(units);
    if (areSharesOf(units, units[0].over)) {
        std::vector<Wide> sums;
        for (const auto& unit : units) sums.push_back(static_cast<Wide>(unit.sum));
        return estimateOfIntegers(sums, units[0].over, scale, possible);
    }
    std::vector<long double> means;
    for (const auto& unit : units) means.push_back(unit.mean());
    return estimateOfReals(means, scale, possible);
}

Estimate meanOf(Span<const double> values, const HarmScale& scale, const Interval& possible) {
    if (values.empty()) throw Error("statistics", "no observations to take the mean of");
    return estimateOfReals({values.begin(), values.end()}, scale, possible);
}

Estimate meanPairedDifference(Span<const Amount> a, Span<const Amount> b, const HarmScale& scale,
                              const Interval& possible) {
    if (a.size() != b.size()) throw Error("statistics", "paired samples of different sizes");
    requireImages(a);
    requireImages(b);
    if (areSharesOf(a, a[0].over) && areSharesOf(b, a[0].over)) {
        std::vector<Wide> differences;
        for (std::size_t i = 0; i < a.size(); ++i) {
            differences.push_back(static_cast<Wide>(a[i].sum) - static_cast<Wide>(b[i].sum));
        }
        return estimateOfIntegers(differences, a[0].over, scale, possible);
    }
    std::vector<long double> differences;
    for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(a[i].mean() - b[i].mean());
    return estimateOfReals(differences, scale, possible);
}

Estimate meanDifference(const Estimate& a, const Estimate& b, const Interval& possible) {
    Estimate difference;
    difference.mean = a.mean - b.mean;
    if (!a.ci95 || !b.ci95) return difference;
    const double below = std::hypot(a.mean - a.ci95->low, b.ci95->high - b.mean);
    const double above = std::hypot(a.ci95->high - a.mean, b.mean - b.ci95->low);
    if (!(below + above > 0)) return difference;
    difference.ci95 = Interval{std::max(possible.low, difference.mean - below),
                               std::min(possible.high, difference.mean + above)};
    return difference;
}

}  // namespace brownout
