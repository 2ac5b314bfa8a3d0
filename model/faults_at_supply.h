#pragma once

#include <functional>
#include <memory>

#include "model/chip.h"
#include "model/chip_source.h"

namespace brownout {

/// The faults of a memory's chip at a supply (unit of its profile), over the physical words of all
/// its arrays, with the outcome of probabilistic cells drawn. Throws Error where nothing is known.
using FaultsAtSupply = std::function<FaultOverlay(double supply)>;

/// Returns the faults of chip `load.chip`, the outcome of whose probabilistic cells is that of
/// `load` at every supply.
FaultsAtSupply faultsOf(std::shared_ptr<ChipSource> chips, const LoadId& load = {});

/// Returns the faults of a chip in memory; `load.chip` only goes into the draws.
FaultsAtSupply faultsOf(std::shared_ptr<const Chip> chip, const LoadId& load = {});

}  // namespace brownout
