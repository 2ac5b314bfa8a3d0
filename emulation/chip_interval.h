#pragma once

#include <cstdint>
#include <limits>

namespace brownout {

// How sure one can be of a mean over chips.
//
// Under faults chips are skewed: most lose little, a few lose much. Student's interval trusts the
// standard deviation of the chips at hand, and a sample of five that happens to hold none of the
// bad ones shows a small mean and a small deviation at once. It then misses the mean of all chips,
// nearly always on the side of the harm: of 95 % intervals over 5 chips as few as three in four
// held it.
//
// A small sample cannot show its own skew, but its scale is known beforehand: faults move a chip
// from its value without faults, and by no less than nothing. A spread as large as the mean move,
// or larger, belongs to a skewed population. The interval is Student's, its ends moved by the term
// that Hall and Johnson derive from skewness, with the skewness read from that ratio instead of
// from the sample:
//
//     t = t(0.975, n - 1)    h = t s / sqrt(n)    c = s / harm    K = (2 t^2 + 1) / (6 t sqrt(n))
//     end on the side of the harm:  mean + h (1 + K min(12 c, 6))
//     end on the other side:        mean - h / (1 + K min(2 c, 3))
//
// A difference of two means on the same chips is skewed to either side, and both ends are stretched
// as the end on the side of the harm is.
//
// Counting adds a limit of its own. What n chips of N images never showed may still happen to a few
// of N n images: the standard deviation is taken as at least that which one image in one chip would
// make, `grain` / sqrt(n), the harm as at least half an image, `grain` / (2 n), and the end on the
// side of the harm is at least 3.69 `grain` / n away (the rule of three, two-sided). Chips that are
// all alike thus have an interval.
//
// docs/statistics.md tells how often the interval holds the mean of a thousand chips.

/// A two-sided interval.
struct Interval {
    double low = 0;
    double high = 0;
};

/// The side to which faults move a measure.
enum class HarmSide { kUp, kDown, kEither };

/// How far faults move a measure: the scale by which the spread of chips is judged.
struct HarmScale {
    double harm = 0;   ///< mean distance of the units from their value without faults
    double grain = 0;  ///< change of one unit's value by one image; 0 where nothing can happen
    HarmSide side = HarmSide::kUp;
};

/// The scale that makes the interval Student's: harm beyond all spread.
constexpr HarmScale kNoSkew = {std::numeric_limits<double>::infinity(), 0, HarmSide::kUp};

/// The spread above which a few chips decide the mean, as a multiple of the harm: no interval keeps
/// its promise there on all data.
constexpr double kFewDominate = 0.9;

/// Returns the 95 % interval of the mean of `n` units, at least two, with this mean and sample
/// standard deviation, cut to `possible`.
Interval chipInterval(double mean, double std, std::uint64_t n, const HarmScale& scale,
                      const Interval& possible);

/// Tells whether a few of `n` units dominate their mean: they differ, and by more than kFewDominate
/// times the harm.
bool fewDominate(double std, std::uint64_t n, const HarmScale& scale);

}  // namespace brownout
