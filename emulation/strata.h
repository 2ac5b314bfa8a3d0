#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/span.h"
#include "emulation/trial_counts.h"

namespace brownout {

// Which images a chip is shown when it isn't shown all.
//
// Faults change the answer to an image the sooner, the smaller its margin without them was: the
// distance of the output of its class from the largest of the others. Images are therefore divided
// into strata, by whether the network is right without faults and, within each, by margin: of K
// strata the first k hold the share (k / K)^2 of the images with the smallest margins, because at
// low rates few others change. A trial takes some images of each stratum by lot, n_h of N_h, and
// its error is estimated without bias as
//
//     sum over h of N_h w_h / n_h, of N images,        w_h: images of the n_h that are wrong
//
// which is exact where all images are taken. A stratum of which no image is taken is drawn from
// together with the next one of its side that has some, as one stratum: where next to nothing
// changes, each stratum by itself would cost every trial two images, without which its spread is
// unknown.
//
// Where faults leave nothing of what a network has learnt, no margin tells which images it guesses
// right. Such a network gives most images the same few classes, so that of the images of a class
// all are right or none: there, images are divided by class instead.

/// The property that images are divided by, the right ones and the wrong ones each.
enum class Division { kMargin, kClass };
constexpr Division kDivisions[] = {Division::kMargin, Division::kClass};

/// A value for each division.
template <typename T>
struct ByDivision {
    T margin{}, byClass{};

    T& operator[](Division division) { return division == Division::kMargin ? margin : byClass; }
    const T& operator[](Division division) const {
        return division == Division::kMargin ? margin : byClass;
    }
};

/// Strata of the images that are right without faults, and of those that are wrong. By margin, the
/// first stratum of each has the smallest ones.
constexpr std::size_t kRightStrata = 24;
constexpr std::size_t kWrongStrata = 12;
constexpr std::size_t kStrata = kRightStrata + kWrongStrata;

/// Images of each stratum that a trial takes.
using Allocation = std::array<std::uint32_t, kStrata>;

/// The numbers of images of each stratum of each division.
using StratumSizes = ByDivision<Allocation>;

/// Strata from `first` to `last` that are drawn from together: all but the last have an allocation
/// of 0.
struct JointStrata {
    std::size_t first = 0, last = 0;
};

/// Returns the strata that an allocation draws from together, in their order.
std::vector<JointStrata> jointStrata(const Allocation& allocation);

/// Returns the images that a trial's counts say were taken of each stratum.
Allocation drawnOf(const StratumCounts& strata);

/// The images of a campaign, divided for one network.
class Strata {
 public:
    /// Divides images by whether they are wrong without faults, and by their margins or classes,
    /// one an image. Margins that are no number count as 0. Of more classes than strata,
    /// neighbours share one.
    Strata(const std::vector<bool>& wrong, Span<const double> margins, Span<const int> classes);

    /// Returns the number of images of each stratum; 0 where there are fewer images, or classes,
    /// than strata.
    const StratumSizes& sizes() const { return sizes_; }

    /// Draws the images of a trial, stratum by stratum, ascending within each: a pure function of
    /// the arguments, and uniform over the subsets of each stratum.
    std::vector<std::uint32_t> draw(Division division, const Allocation& allocation,
                                    std::uint64_t seed, std::uint32_t chip,
                                    std::uint32_t point) const;

 private:
    using Images = std::array<std::vector<std::uint32_t>, kStrata>;
    void divideByMargin(const std::vector<bool>& wrong, Span<const double> margins);
    void divideByClass(const std::vector<bool>& wrong, Span<const int> classes);

    ByDivision<Images> images_;
    StratumSizes sizes_{};
};

/// Counts the images of a draw by stratum: `wrong[i]` tells whether the i-th image drawn is wrong
/// with faults.
StratumCounts countByStratum(const Allocation& sizes, const Allocation& allocation,
                             const std::vector<bool>& wrong);

/// Returns how the images of a trial were divided, which the sizes of its strata tell.
Division divisionOf(const StratumCounts& strata, const StratumSizes& sizes);

/// Adds to the counts of a trial what it estimates for all images of the campaign.
void addEstimates(const StratumCounts& strata, TrialCounts& counts);

/// Returns the variance of the estimated error of a trial that is due to its images not being all.
double varianceWithin(const StratumCounts& strata);

/// The variance of "wrong" among the images of a trial.
struct ImageVariance {
    double all = 0;     ///< among all images
    double within = 0;  ///< mean over images of that within their stratum
};
ImageVariance imageVariance(const StratumCounts& strata);

}  // namespace brownout
