#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "profiles/profile.h"
#include "profiles/statistics/spatial_statistics.h"
#include "profiles/statistics/statistics.h"

namespace brownout {

/// Lines (columns or rows) of one kind and the cells that fail in each.
struct LineHistogram {
    std::string line;                    ///< "column"
    std::uint32_t cells = 0;             ///< cells of a line
    std::vector<std::uint32_t> failing;  ///< failing cells of each line
};

/// Draws how many lines have how many failing cells, as bars, and how many would if the same number
/// of faults were uniformly distributed (binomial), as a curve. Returns SVG by gnuplot.
std::string drawLineHistogram(const LineHistogram& histogram);

/// Draws the share of failing cells against the voltage with 95 % intervals, on a logarithmic axis,
/// and the Gaussian of `spatial` as a curve. Returns SVG by gnuplot, empty where nothing fails.
std::string drawRates(const Profile& profile, const std::vector<VoltageStatistics>& rows,
                      const SpatialDescription& spatial);

}  // namespace brownout
