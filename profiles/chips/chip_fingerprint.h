#pragma once

#include <cstdint>
#include <optional>

#include "base/fingerprint.h"
#include "model/energy_model.h"
#include "profiles/device.h"
#include "profiles/generator/recipe.h"
#include "profiles/hdf5/counts_cells.h"
#include "profiles/profile_info.h"

namespace brownout {

/// Adds the arrays, the meaning of their voltages and the energy of accesses to a fingerprint.
void addDevice(Fingerprinter& fingerprint, const Device& device,
               const std::optional<EnergyModel>& energy);

/// Adds the parameters that a chip is drawn from: not how many chips there are.
void addRecipe(Fingerprinter& fingerprint, const Recipe& recipe);

/// Adds what moves critical voltages, and the range in which they are known.
void addShifts(Fingerprinter& fingerprint, const VoltageShifts& shifts, double floorVoltage,
               double highestVoltage);

/// Adds what was measured of the first `chips` chips under each condition.
void addCounts(Fingerprinter& fingerprint, const CountsCells& counts, std::uint32_t chips);

}  // namespace brownout
