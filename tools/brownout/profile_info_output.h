#pragma once

#include <vector>

#include "profiles/profile.h"
#include "profiles/spatial_statistics.h"
#include "profiles/statistics.h"

namespace brownout {

/// What "brownout profile info" prints on stdout: tables, or JSON whose keys are added to over time,
/// never renamed.
void printInfo(const Profile& profile, const std::vector<VoltageStatistics>& rows,
               const SpatialDescription& spatial, bool asJson);

}  // namespace brownout
