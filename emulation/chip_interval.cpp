#include "emulation/chip_interval.h"

#include <algorithm>
#include <cmath>

#include "emulation/statistics.h"

namespace brownout {
namespace {

// -ln(0.025): what happens to this many of all images on average leaves no sign in 2.5 % of
// campaigns.
constexpr double kRuleOfThree = 3.6888794541139363;

/// Returns the spread of the units as a multiple of the harm.
double spreadOverHarm(double std, double n, const HarmScale& scale) {
    const double harm = std::max(scale.harm, scale.grain / (2 * n));
    return harm > 0 ? std / harm : HUGE_VAL;
}

}  // namespace

Interval chipInterval(double mean, double std, std::uint64_t units, const HarmScale& scale,
                      const Interval& possible) {
    const auto n = static_cast<double>(units);
    const double spread = std::max(std, scale.grain / std::sqrt(n));
    const double t = studentT(0.975, units - 1);
    const double half = t * spread / std::sqrt(n);
    const double skew = (2 * t * t + 1) / (6 * t * std::sqrt(n));
    const double ratio = spreadOverHarm(spread, n, scale);
    const double unseen = kRuleOfThree * scale.grain / n;
    const double towardsHarm = std::max(unseen, half * (1 + skew * std::min(12 * ratio, 6.0)));
    const double fromHarm = half / (1 + skew * std::min(2 * ratio, 3.0));
    const double below = scale.side == HarmSide::kUp ? fromHarm : towardsHarm;
    const double above = scale.side == HarmSide::kDown ? fromHarm : towardsHarm;
    return {std::clamp(mean - below, possible.low, possible.high),
            std::clamp(mean + above, possible.low, possible.high)};
}

bool fewDominate(double std, std::uint64_t units, const HarmScale& scale) {
    return units > 1 && std > 0 &&
           spreadOverHarm(std, static_cast<double>(units), scale) > kFewDominate;
}

}  // namespace brownout
