#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "profiles/profile.h"

namespace brownout {

/// The failing cells of a population at one supply. Rates and shares are fractions; means and
/// standard deviations (n - 1) are over chips.
struct VoltageStatistics {
    double supply = 0;                   ///< unit of the profile
    std::optional<double> expectedRate;  ///< failing cells / cells that the recipe aims at
    std::uint32_t chips = 0;
    double meanCells = 0;  ///< failing cells of a chip
    double stdCells = 0;
    double meanRate = 0;  ///< failing cells / cells
    double stdRate = 0;
    /// Mean bit error rate observed on data of as many zeros as ones: (p01 + p10) / 2 over the
    /// cells.
    double bitErrorRate = 0;
    double only01 = 0;      ///< share of the failing cells that turn 0 into 1 and never 1 into 0
    double only10 = 0;      ///< share that turn 1 into 0 and never 0 into 1
    double both = 0;        ///< share that do either
    double persistent = 0;  ///< share whose reads never vary: p01 and p10 are 0 or 1
};

/// Returns statistics of the first `chips` chips (all of them by default) at each of `supplies`.
/// Reads each chip once. The temperature is as in Profile::temperature. Throws Error naming the
/// file if a supply is outside the profile or a chip is damaged.
std::vector<VoltageStatistics> describeProfile(const Profile& profile,
                                               const std::vector<double>& supplies,
                                               std::optional<std::uint32_t> chips = {},
                                               std::optional<double> temperatureC = {});

/// Returns the statistics of all chips at the profile's reference voltages.
std::vector<VoltageStatistics> describeProfile(const Profile& profile);

}  // namespace brownout
