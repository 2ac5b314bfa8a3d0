#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "profiles/profile.h"
#include "profiles/statistics/spatial_statistics.h"
#include "profiles/statistics/statistics.h"

namespace brownout {

/// Draws the pictures of a profile, each as a file of `folder`, which is made if it isn't there:
/// fault-map.png (chip 0 at the reference voltage where nearest to 1 % of the cells fail),
/// columns.svg and rows.svg (how many columns and rows have how many failing cells, beside what
/// uniform faults would give), rate.svg (share of failing cells against the voltage, with the
/// Gaussian that fits); and all of them with the figures on one page that needs no other file,
/// profile.html. Throws Error if gnuplot is missing or fails, or a file can't be written.
void writeProfilePage(const std::filesystem::path& folder, const Profile& profile,
                      const std::vector<VoltageStatistics>& rows, const SpatialDescription& spatial,
                      std::optional<double> temperatureC = {});

}  // namespace brownout
