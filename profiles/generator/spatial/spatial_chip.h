#pragma once

#include "model/chip.h"
#include "profiles/generator/recipe.h"

namespace brownout {

/// Draws the cells of a chip of a spatial recipe whose critical voltage is above `floorVoltage`:
/// the same cells for every floor that reveals them. Cost: proportional to these cells plus the
/// lines (arrays, columns, and rows where rows matter). `recipe.spatial` must be there and valid.
/// Throws Error if the floor is below the recipe, or if the arrays have more than 2^28 columns.
Chip drawSpatialChip(const Recipe& recipe, const SramGeometry& geometry, std::uint32_t chip,
                     double floorVoltage);

}  // namespace brownout
