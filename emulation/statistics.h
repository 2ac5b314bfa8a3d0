#pragma once

#include <cstdint>
#include <optional>

#include "base/span.h"
#include "emulation/chip_interval.h"

namespace brownout {

/// Mean of a sample with its uncertainty. One observation says nothing about spread: `std` and
/// `ci95` are absent then, not zero.
struct Estimate {
    double mean = 0;
    std::optional<double> std;  ///< sample standard deviation, divisor n - 1
    /// 95 % interval of the mean (chip_interval.h), cut to the possible range.
    std::optional<Interval> ci95;
};

/// The sum of something over the images (or pairs of images) of one unit of replication, a chip
/// say, as exact integers: wrong images of all images.
struct Amount {
    std::uint64_t sum = 0;
    std::uint64_t over = 0;      ///< number of those it is a sum over
    std::uint64_t fraction = 0;  ///< part of the sum in units of 2^-40, where it isn't whole

    /// Returns the mean, (sum + fraction / 2^40) / over.
    long double mean() const;
};

/// Adds up amounts of several trials.
inline Amount& operator+=(Amount& sum, const Amount& more) {
    sum.sum += more.sum;
    sum.over += more.over;
    sum.fraction += more.fraction;
    return sum;
}

/// Returns a quantile of Student's t distribution. Throws Error if `degreesOfFreedom` is 0.
double studentT(double probability, std::uint64_t degreesOfFreedom);

/// Returns the mean of the units' means, each unit counting once, with its chipInterval. Where all
/// units have the same number of images, and whole sums, mean and variance come from exact integer
/// sums and are correctly rounded to an ulp or so, whatever the order of the units. Throws Error
/// without units or images.
Estimate meanOf(Span<const Amount> units, const HarmScale& scale = kNoSkew,
                const Interval& possible = {0, 1});

/// Returns the mean of one value a unit, with its chipInterval. Throws Error without values.
Estimate meanOf(Span<const double> values, const HarmScale& scale, const Interval& possible);

/// Returns the mean of the units' differences a[i] - b[i]. The units are paired, for example the
/// same chip under two networks, so that differences between chips cancel. The interval is computed
/// as meanOf does. Throws Error if the spans differ in length.
Estimate meanPairedDifference(Span<const Amount> a, Span<const Amount> b,
                              const HarmScale& scale = kNoSkew, const Interval& possible = {-1, 1});

/// Returns the difference of the means of two independent samples. Its 95 % interval is made from
/// those of the two means, whatever their shape, by adding the squares of the distances that point
/// the same way (Zou and Donner 2008, "MOVER"), and cut to `possible`; there is none if either mean
/// has none or both have no width. `std` is absent, because nothing is paired.
Estimate meanDifference(const Estimate& a, const Estimate& b, const Interval& possible = {-1, 1});

}  // namespace brownout
