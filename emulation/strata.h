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

/// Strata of the images that are right without faults, and of those that are wrong; the first
/// stratum of each has the smallest margins.
constexpr std::size_t kRightStrata = 24;
constexpr std::size_t kWrongStrata = 12;
constexpr std::size_t kStrata = kRightStrata + kWrongStrata;

/// Images of each stratum that a trial takes.
using Allocation = std::array<std::uint32_t, kStrata>;

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
    /// Divides images by whether they are wrong without faults, and by their margins, one an image.
    /// Margins that are no number count as 0.
    Strata(const std::vector<bool>& wrong, Span<const double> margins);

    /// Returns the number of images of each stratum; 0 where there are fewer images than strata.
    const Allocation& sizes() const { return sizes_; }

    /// Draws the images of a trial, stratum by stratum, ascending within each: a pure function of
    /// the arguments, and uniform over the subsets of each stratum.
    std::vector<std::uint32_t> draw(const Allocation& allocation, std::uint64_t seed,
                                    std::uint32_t chip, std::uint32_t point) const;

 private:
    std::array<std::vector<std::uint32_t>, kStrata> images_;
    Allocation sizes_{};
};

/// Counts the images of a draw by stratum: `wrong[i]` tells whether the i-th image drawn is wrong
/// with faults.
StratumCounts countByStratum(const Allocation& sizes, const Allocation& allocation,
                             const std::vector<bool>& wrong);

/// Adds to the counts of a trial what it estimates for all images of the campaign.
void addEstimates(const StratumCounts& strata, TrialCounts& counts);

/// Returns the variance of the estimated error of a trial that is due to its images not being all.
double varianceWithin(const StratumCounts& strata);

}  // namespace brownout
