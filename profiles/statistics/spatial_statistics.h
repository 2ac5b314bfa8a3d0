#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "profiles/statistics/jackknife.h"

namespace brownout {

/// The arrangement of the failing cells of all chips at one supply, beside what uniform faults
/// would give. Shares are fractions; a figure for which nothing fails is absent.
struct SpatialStatistics {
    double supply = 0;                      ///< unit of the profile
    double rateLow = 0, rateHigh = 0;       ///< 95 % interval of failing cells / cells, see below
    std::optional<double> nested;           ///< share that fails at the next lower supply, too
    std::optional<double> worst5, worst10;  ///< error mass in the worst columns of an array
    std::optional<double> sameColumn, sameRow;  ///< shares of the failing pairs within an array
    double sameColumnIfUniform = 0, sameRowIfUniform = 0;
    double cleanArrays = 0;             ///< share of arrays without a failing cell
    std::optional<double> worstArrays;  ///< share of the failing cells in the worst tenth of arrays
    /// Correlation of the critical voltages of two cells of a column, a row, an array (elsewhere in
    /// it), under a Gaussian copula; absent where hardly any
    /// pair fails, nor would if cells were independent.
    std::optional<Estimated> columnCorrelation, rowCorrelation, arrayCorrelation;
};

/// The statistics at all supplies, and the Gaussian that fits the critical voltages best.
struct SpatialDescription {
    BlockKind blocks = BlockKind::kChip;  ///< blocks that standard errors count as independent
    std::uint32_t blockCount = 0;
    std::vector<SpatialStatistics> at;
    std::optional<Estimated> mean, sigma;  ///< absent if fewer than two supplies have failing cells
    std::uint32_t chips = 0;
};

/// Returns the statistics of all chips at the profile's reference voltages; `chipDone` is called
/// after each chip. The temperature is as in Profile::temperature. The interval of the rate is
/// Clopper and Pearson's for independent cells: with cells that fail together the truth is less
/// certain, as the standard errors over blocks show. Throws Error naming the file if a chip is
/// damaged.
SpatialDescription describeSpatially(
    const Profile& profile, const std::function<void()>& chipDone = [] {},
    std::optional<double> temperatureC = {});

}  // namespace brownout
