#pragma once

#include <optional>
#include <vector>

#include "emulation/chip_interval.h"
#include "emulation/summary.h"

namespace brownout {

/// The bit error rate at which a network's error has risen by a given amount, with the rates
/// between which it lies.
struct ToleratedRate {
    double rate = 0;
    /// Rates at which the upper and the lower end of the 95 % interval of the mean error have risen
    /// that far; an end is absent if the campaign's rates don't reach it.
    std::optional<double> low, high;
};

/// Returns the tolerated rate of a network of a campaign of uniform errors, between its rates by
/// straight lines from the clean error at 0; nothing if its mean error never rises that far.
std::optional<ToleratedRate> toleratedRate(const Summary& summary, std::uint32_t network,
                                           double rise);

/// A rank correlation with its 95 % interval.
struct RankCorrelation {
    double rho = 0;
    std::optional<Interval> ci95;  ///< absent for fewer than four pairs
};

/// Returns Spearman's correlation of two samples, equals sharing the mean of their ranks. The
/// interval is Fisher's with the variance (1 + rho^2 / 2) / (n - 3) (Bonett and Wright 2000).
/// Absent if one sample is all equal or there are fewer than three pairs.
std::optional<RankCorrelation> rankCorrelation(const std::vector<double>& a,
                                               const std::vector<double>& b);

}  // namespace brownout
