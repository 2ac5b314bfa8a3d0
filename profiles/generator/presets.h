#pragma once

#include <string>
#include <vector>

#include "profiles/generator/recipe.h"
#include "profiles/profile_info.h"

namespace brownout {

/// Everything a population needs, ready for `writeRecipeProfile`, apart from who made it and when.
struct RecipePreset {
    std::string name;
    std::string description;  ///< one line, with its source
    Device device;
    std::vector<double> referenceVoltages;
    EnergyModel energy;
    Recipe recipe;
};

/// Returns the names of the presets, for help texts.
std::vector<std::string> recipePresetNames();

/// Returns a preset by name, with its own geometry, seed and number of chips; change what you like.
/// Throws UsageError with the names there are if it is unknown.
///
/// "14nm-iid": the curve and relative energy of REFERENCE 1 (32 arrays of 512 x 64 cells, 14 nm),
/// all variance in the cell, failing cells flip. Voltages in Vmin.
///
/// "14nm-columns": the column-aligned chip 2 of REFERENCE 2 on four arrays of 2048 x 128 cells,
/// each of which stands for the published map of 8192 x 128. Voltages in Vmin.
///
/// "28nm-column": the FPGA block RAM of REFERENCE 2, board KC705-B: 890 arrays of 8 kbit, words of
/// 8 bits, column mux 2, which is what 16-kbit dumps hold whose high bytes mirror the low ones.
/// Voltages in V.
RecipePreset recipePreset(const std::string& name);

/// Returns the preset for other arrays. Absolute energies are those of the preset's own array,
/// which `source` of the energy table then says; energies relative to Vmin hold for any array.
RecipePreset recipePreset(const std::string& name, const SramGeometry& geometry);

/// Returns the header of a new profile made from a preset: see infoForNewProfile.
ProfileHeader headerOf(const RecipePreset& preset);

}  // namespace brownout
