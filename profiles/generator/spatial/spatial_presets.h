#pragma once

// The presets of presets.h whose cells depend on each other.

#include "profiles/generator/presets.h"

namespace brownout {

RecipePreset preset28nmColumn(const SramGeometry& geometry);
RecipePreset preset14nmColumns(const SramGeometry& geometry);

/// The arrays that the figures of the two were measured on.
constexpr SramGeometry kGeometry28nmColumn{890, 512, 16, 2};
constexpr SramGeometry kGeometry14nmColumns{4, 2048, 128, 2};

/// Returns the energy of accesses of 14 nm arrays against V/Vmin (in presets.cpp).
EnergyModel energyOf14nm(const SramGeometry& geometry);

}  // namespace brownout
