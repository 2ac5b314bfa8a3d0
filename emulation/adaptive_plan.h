#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/span.h"
#include "emulation/campaign_spec.h"
#include "emulation/measured_value.h"
#include "emulation/strata.h"
#include "emulation/trial_counts.h"

namespace brownout {

// How an adaptive campaign decides what to run next.
//
// A network meets its points one after another, the one with most faults first. At a point, chips
// 0, 1, 2, ... are run in rounds, each on some images of each stratum (strata.h). After a round the
// interval of the mean over the chips so far (chip_interval.h) is compared with what was asked; if
// it is too wide, another round follows. The variance of a chip's estimated error has two parts,
//
//     between chips, s^2, and, for n images a chip, v / n within it,
//
// and of all pairs of chips and images that reach the same variance of the mean, the one with
// n = sqrt(cost v) / s costs least, where a chip costs as much as the inference of `cost` images
// before it sees its first. Images go to the strata as Neyman has it, in proportion to N_h times
// the standard deviation within, mixed with a tenth in proportion to N_h; the deviations are those
// of the point before, which has more faults, corrected by what this point shows itself.
//
// Images are divided by margin first. A round whose strata are hardly more alike inside than the
// images are altogether is followed by rounds in which they are divided by class.
//
// Everything here is a function of finished rounds, never of time or threads: a campaign that was
// killed finds its way back by going through the trials that it has.

/// The setting of one network at one point.
struct PointTask {
    Precision precision;
    Measure measure;              ///< measure whose interval counts
    StratumSizes sizes;           ///< images of each stratum
    std::uint32_t mostChips = 0;  ///< chips that there are
    double chipCost = 0;          ///< cost of a chip without images, in image inferences
    bool canFail = true;          ///< false where no cell can fail
};

/// Spread within the strata as one point has found it, with which the next point begins.
struct StrataLesson {
    /// Mean variance of "wrong" among images of a chip, by division.
    ByDivision<std::array<double, kStrata>> variance;
    std::uint32_t imagesPerChip = 0;  ///< images a chip that were best; 0: not known
};

/// Chips to run next, each on the same numbers of images.
struct Round {
    std::uint32_t firstChip = 0;
    std::uint32_t endChip = 0;  ///< one past the last
    Division division = Division::kMargin;
    Allocation allocation{};
};

/// The state of a point, after the rounds that are complete.
struct PointState {
    std::optional<Round> next;  ///< absent where the point is finished
    std::uint32_t chips = 0;
    std::uint64_t imageInferences = 0;
    std::optional<double> target;     ///< half-width that was asked, as a share
    std::optional<double> halfWidth;  ///< half-width of the interval
    /// Image inferences of a campaign that takes all images and has the interval that was asked, or
    /// the one that was reached where that is wider.
    std::uint64_t exactInferences = 0;
    StrataLesson lesson;

    bool reached() const { return target && halfWidth && *halfWidth <= *target; }
};

/// Returns the state of a point from its finished trials, ascending by chip, and the lesson of the
/// point before (absent for the first). Trials beyond the last complete round are ignored.
PointState pointState(const PointTask& task, const std::optional<StrataLesson>& before,
                      Span<const TrialResult> trials);

/// A point of a network, and how far it is.
struct RunPoint {
    std::uint32_t point = 0;
    PointState state;
};

/// Returns the states of the points of a network in the order in which they are run, from the one
/// with most faults, as far as the first that is not finished. `trials` are those of the network
/// that are finished, ascending by key; `sizes` are its strata. Points that are finished in
/// `known`, the result of an earlier call, are taken from there.
std::vector<RunPoint> runPoints(const CampaignSpec& campaign, std::uint32_t network,
                                const StratumSizes& sizes, Span<const TrialResult> trials,
                                const std::vector<RunPoint>& known = {});

/// Returns the setting of a network at a point of a campaign.
PointTask pointTask(const CampaignSpec& campaign, std::uint32_t network, std::uint32_t point,
                    const StratumSizes& sizes);

/// Returns the images that Neyman's allocation, mixed with a tenth in proportion to the strata,
/// gives each stratum of `images` in all: at least two, or all of a smaller one.
Allocation allocate(const Allocation& sizes, const std::array<double, kStrata>& variance,
                    double images);

}  // namespace brownout
