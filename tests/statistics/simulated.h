#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulation/adaptive_plan.h"
#include "tests/statistics/outcomes.h"

namespace brownout {

/// The end of a simulated adaptive campaign at one point.
struct SimulatedPoint {
    double mean = 0;
    Interval interval;
    PointState state;
};

/// Runs an adaptive campaign of one network, whose outcomes at each rate stand from the highest
/// down, without an engine: each chip is one of the real ones, drawn by lot, and shows the images
/// that the plan asks for. Different `campaign` numbers draw other chips and images.
std::vector<SimulatedPoint> simulateCampaign(const std::vector<Outcomes>& network,
                                             const Precision& precision, std::uint32_t mostChips,
                                             std::uint32_t campaign);

/// Returns the mean error over all chips and images, and the standard deviation over chips.
struct Population {
    double mean = 0;
    double std = 0;
    double harm = 0;
};
Population populationOf(const Outcomes& outcomes);

}  // namespace brownout
