#pragma once

#include <optional>

#include "model/energy_model.h"
#include "model/supply_domain.h"

namespace brownout {

/// Returns the energy that leaks from one array while the supply moves as `domain` says, from
/// `from` to `to`, J. Exact for the interpolation of EnergyModel: leakage is exponential in the
/// supply between two points of the table and the supply linear in time, so a piece of length t
/// between powers a and b costs t (b - a) / ln(b / a). Absent if the table has no leakage; throws
/// Error if the supply leaves the table.
std::optional<double> leakageJ(const EnergyModel& model, const SupplyDomain& domain,
                               Picoseconds from, Picoseconds to);

}  // namespace brownout
