#include "emulation/scenario/regulator.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/numbers.h"

namespace brownout {
namespace {

constexpr double kMostLevels = 1e6;

/// Returns the whole number that a quotient would be without noise, or the quotient.
double wholeIfNear(double quotient) {
    const double whole = std::round(quotient);
    return sameButForNoise(whole, quotient) ? whole : quotient;
}

}  // namespace

SupplyGrid::SupplyGrid(std::vector<double> supplies) : supplies_(std::move(supplies)) {
    if (supplies_.empty()) throw Error("regulator", "has no supply to give");
    double before = 0;
    for (const double supply : supplies_) {
        if (!(std::isfinite(supply) && supply > before)) {
            throw Error("regulator", "supply " + shortestNumber(supply) +
                                         "; expected ascending ones above zero");
        }
        before = supply;
    }
}

SupplyGrid SupplyGrid::multiplesOf(double step, double lowest, double highest) {
    const std::string range = shortestNumber(lowest) + " to " + shortestNumber(highest);
    if (!(std::isfinite(step) && step > 0)) {
        throw UsageError("step", "'" + shortestNumber(step) + "'; expected a number above zero");
    }
    const double first = std::ceil(wholeIfNear(lowest / step));
    const double last = std::floor(wholeIfNear(highest / step));
    if (!(last >= first) || last - first > kMostLevels) {
        throw UsageError("step", "'" + shortestNumber(step) +
                                     "'; expected 1 to a million of its "
                                     "multiples from " +
                                     range);
    }
    std::vector<double> supplies;
    for (double k = first; k <= last; ++k) {
        // Ends are what was asked for: another number in the last digit may be outside a profile.
        double supply = roundTo12Digits(k * step);
        if (sameButForNoise(supply, lowest)) supply = lowest;
        if (sameButForNoise(supply, highest)) supply = highest;
        if (supply > 0) supplies.push_back(supply);
    }
    return SupplyGrid(std::move(supplies));
}

Level SupplyGrid::atLeast(double supply) const {
    const auto at = std::find_if(supplies_.begin(), supplies_.end(), [&](double one) {
        return one >= supply || sameButForNoise(one, supply);
    });
    if (at == supplies_.end()) {
        throw Error("regulator", "gives at most " + shortestNumber(supplies_.back()) +
                                     "; asked for at least " + shortestNumber(supply));
    }
    return static_cast<Level>(at - supplies_.begin());
}

Level SupplyGrid::atMost(double supply) const {
    const auto above = std::find_if(supplies_.begin(), supplies_.end(), [&](double one) {
        return one > supply && !sameButForNoise(one, supply);
    });
    if (above == supplies_.begin()) {
        throw Error("regulator", "gives at least " + shortestNumber(supplies_.front()) +
                                     "; asked for at most " + shortestNumber(supply));
    }
    return static_cast<Level>(above - supplies_.begin()) - 1;
}

double transitionJ(const RegulatorSettings& regulator, double fromV, double toV) {
    return (1 - regulator.efficiency) * regulator.railF * std::abs(toV * toV - fromV * fromV);
}

}  // namespace brownout
