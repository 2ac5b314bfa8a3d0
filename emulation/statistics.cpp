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
Estimate estimateFrom(double mean, double variance, std::uint64_t n, const Interval& possible) {
    Estimate estimate;
    estimate.mean = mean;
    if (n < 2) return estimate;
    estimate.std = std::sqrt(variance);
    const double half = studentT(0.975, n - 1) * std::sqrt(variance / static_cast<double>(n));
    estimate.ci95 = Interval{std::clamp(mean - half, possible.low, possible.high),
                             std::clamp(mean + half, possible.low, possible.high)};
    return estimate;
}

/// Mean and variance of values[i] / denominator, from exact integer sums:
/// var = (n sum(x^2) - sum(x)^2) / (n (n - 1) denominator^2).
Estimate estimateOfIntegers(const std::vector<Wide>& values, std::uint64_t denominator,
                            const Interval& possible) {
    const auto n = static_cast<Wide>(values.size());
    Wide sum = 0;
    Wide sumOfSquares = 0;
    for (const Wide value : values) {
        sum += value;
        sumOfSquares += value * value;
    }
    const auto scale = static_cast<long double>(denominator);
    const auto mean = static_cast<long double>(sum) / (static_cast<long double>(n) * scale);
    const auto variance = n < 2 ? 0.0L
                                : static_cast<long double>(n * sumOfSquares - sum * sum) /
                                      static_cast<long double>(n * (n - 1)) / scale / scale;
    return estimateFrom(static_cast<double>(mean), static_cast<double>(variance), values.size(),
                        possible);
}

/// The same for units of different sizes, where no common denominator fits: two passes.
Estimate estimateOfReals(const std::vector<long double>& values, const Interval& possible) {
    const bool equal = std::all_of(values.begin(), values.end(),
                                   [&](long double value) { return value == values[0]; });
    if (equal) {  // whose sum, divided, may be another number
        return estimateFrom(static_cast<double>(values[0]), 0, values.size(), possible);
    }
    const auto n = static_cast<long double>(values.size());
    long double sum = 0;
    for (const auto value : values) sum += value;
    const long double mean = sum / n;
    long double squares = 0;
    for (const auto value : values) squares += (value - mean) * (value - mean);
    const long double variance = values.size() < 2 ? 0 : squares / (n - 1);
    return estimateFrom(static_cast<double>(mean), static_cast<double>(variance), values.size(),
                        possible);
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

Estimate meanOf(Span<const Amount> units, const Interval& possible) {
    requireImages(units);
    if (areSharesOf(units, units[0].over)) {
        std::vector<Wide> sums;
        for (const auto& unit : units) sums.push_back(static_cast<Wide>(unit.sum));
        return estimateOfIntegers(sums, units[0].over, possible);
    }
    std::vector<long double> means;
    for (const auto& unit : units) means.push_back(unit.mean());
    return estimateOfReals(means, possible);
}

Estimate meanPairedDifference(Span<const Amount> a, Span<const Amount> b,
                              const Interval& possible) {
    if (a.size() != b.size()) throw Error("statistics", "paired samples of different sizes");
    requireImages(a);
    requireImages(b);
    if (areSharesOf(a, a[0].over) && areSharesOf(b, a[0].over)) {
        std::vector<Wide> differences;
        for (std::size_t i = 0; i < a.size(); ++i) {
            differences.push_back(static_cast<Wide>(a[i].sum) - static_cast<Wide>(b[i].sum));
        }
        return estimateOfIntegers(differences, a[0].over, possible);
    }
    std::vector<long double> differences;
    for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(a[i].mean() - b[i].mean());
    return estimateOfReals(differences, possible);
}

Estimate meanDifference(const Estimate& a, std::uint64_t unitsA, const Estimate& b,
                        std::uint64_t unitsB, const Interval& possible) {
    Estimate difference;
    difference.mean = a.mean - b.mean;
    if (!a.std || !b.std || unitsA < 2 || unitsB < 2) return difference;
    const double varianceA = *a.std * *a.std / static_cast<double>(unitsA);
    const double varianceB = *b.std * *b.std / static_cast<double>(unitsB);
    const double variance = varianceA + varianceB;
    if (!(variance > 0)) return difference;
    const double degrees = variance * variance /
                           (varianceA * varianceA / static_cast<double>(unitsA - 1) +
                            varianceB * varianceB / static_cast<double>(unitsB - 1));
    const double reach =
        boost::math::quantile(boost::math::students_t(degrees), 0.975) * std::sqrt(variance);
    difference.ci95 = Interval{std::max(possible.low, difference.mean - reach),
                               std::min(possible.high, difference.mean + reach)};
    return difference;
}

}  // namespace brownout
