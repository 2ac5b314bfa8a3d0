#pragma once

#include <cstdint>
#include <optional>

#include "base/span.h"

namespace brownout {

/// A two-sided interval.
struct Interval {
    double low = 0;
    double high = 0;
};

/// Mean of a sample with its uncertainty. One observation says nothing about spread: `std` and
/// `ci95` are absent then, not zero.
struct Estimate {
    double mean = 0;
    std::optional<double> std;  ///< sample standard deviation, divisor n - 1
    /// 95 % interval of the mean, Student's t, cut to the possible range.
    std::optional<Interval> ci95;
};

/// Wrong images of all images in one unit of replication (a chip, say).
struct WrongCount {
    std::uint64_t wrong = 0;
    std::uint64_t images = 0;
};

/// Returns a quantile of Student's t distribution. Throws Error if `degreesOfFreedom` is 0.
double studentT(double probability, std::uint64_t degreesOfFreedom);

/// Returns the mean of the units' errors wrong/images, each unit counting once, and its interval
/// mean -+ t(0.975, n-1) std/sqrt(n), clipped to [0, 1]. Where all units have the same number of
/// images, mean and variance come from exact integer sums and are correctly rounded to an ulp or
/// so, whatever the order of the units. Throws Error without units or images.
Estimate meanError(Span<const WrongCount> units);

/// Returns the mean of the units' differences a[i] - b[i] of errors. The units are paired, for
/// example the same chip under two networks, so that differences between chips cancel. The interval
/// is computed as meanError does and clipped to [-1, 1]. Throws Error if the spans differ in
/// length.
Estimate meanPairedDifference(Span<const WrongCount> a, Span<const WrongCount> b);

/// Returns the difference of the means of two independent samples of `unitsA` and `unitsB` units,
/// with Welch's 95 % interval; without one if a sample has fewer than two units or neither varies.
/// `std` is absent, because nothing is paired.
Estimate meanDifference(const Estimate& a, std::uint64_t unitsA, const Estimate& b,
                        std::uint64_t unitsB);

}  // namespace brownout
