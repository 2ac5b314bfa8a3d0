#pragma once

#include <vector>

#include "emulation/scenario/scenario.h"
#include "model/chip_source.h"
#include "profiles/profile.h"

namespace brownout {

/// The times of the decisions and the supplies among which they are made.
struct ScenarioPlan {
    SupplyGrid grid;
    std::vector<ScenarioInterval> intervals;

    /// Returns the lowest level that the profile, and its table of energies, know about at a
    /// temperature.
    Level lowestAt(const Profile& profile, std::optional<double> temperatureC) const;
};

/// Cuts the rows of a trace into intervals, each from the beginning of its row, so that nothing
/// changes within one; the last of a row may be shorter. The grid is that of the regulator, or of
/// the supplies that a profile was measured at. Throws UsageError naming the member of the request,
/// and Error naming the profile where it says nothing about a row.
ScenarioPlan planOf(const ScenarioRequest& request);

/// Returns chips that are asked at the highest supply that a profile knows about when they are
/// asked at a higher one. What fails there is nested: none of it is lost, and cells that would hold
/// may fail.
std::shared_ptr<ChipSource> cappedChips(const Profile& profile, std::shared_ptr<ChipSource> chips);

}  // namespace brownout
