#pragma once

#include <functional>
#include <memory>

#include "model/chip.h"
#include "model/fault_overlay.h"

namespace brownout {

/// What fails in a chip at a supply (unit of its profile), over the physical words of all its
/// arrays, with the outcome of probabilistic cells drawn. Throws Error where nothing is known.
using FaultsAtSupply = std::function<FaultOverlay(double supply)>;

/// Of one chip in one load: the outcome of its probabilistic cells is that of `load` at every
/// supply.
FaultsAtSupply faultsOf(std::shared_ptr<const Chip> chip, const LoadId& load = {});

}  // namespace brownout
