#pragma once

#include <vector>

#include "profiles/profile.h"
#include "profiles/statistics/measured_share.h"
#include "profiles/statistics/spatial_statistics.h"
#include "profiles/statistics/statistics.h"

namespace brownout {

/// Prints on stdout the figures of "brownout profile info": tables, or JSON whose keys are added to
/// over time, never renamed. `measured` is empty for profiles that are no counts.
void printInfo(const Profile& profile, const std::vector<VoltageStatistics>& rows,
               const SpatialDescription& spatial, const std::vector<MeasuredShare>& measured,
               bool asJson);

}  // namespace brownout
