#include "profiles/generator/presets.h"

#include "base/error.h"
#include "profiles/generator/spatial/spatial_presets.h"

namespace brownout {
namespace {

/// Seven voltages of REFERENCE 1, exactly.
double twentyFourths(int k) { return k / 24.0; }

/// Bit error rates of REFERENCE 1. The voltages were published rounded to three decimals, and
/// people type them so: where the rounded one differs from the exact one, both are in the table
/// with the same rate, so that either gives the published rate.
CalibrationCurve curveOf14nm() {
    const double cells = 32.0 * 512 * 64;
    return CalibrationCurve({{twentyFourths(18), 0.2056},  // 0.750
                             {twentyFourths(19), 0.05573},
                             {0.792, 0.05573},
                             {0.833, 0.01115},
                             {twentyFourths(20), 0.01115},
                             {twentyFourths(21), 0.00129},  // 0.875
                             {twentyFourths(22), 72 / cells},
                             {0.917, 72 / cells},
                             {0.958, 2 / cells},
                             {twentyFourths(23), 2 / cells},
                             {1.0, 0}});
}

std::vector<double> voltagesOf14nm() {
    std::vector<double> voltages;
    for (int k = 18; k <= 24; ++k) voltages.push_back(twentyFourths(k));
    return voltages;
}

RecipePreset preset14nm(const SramGeometry& geometry) {
    Recipe recipe{"iid", "14nm-iid", 2021, 64, curveOf14nm(), {}, {}};
    return {"14nm-iid",
            "14 nm SRAM, independent cells; bit error rates and relative energy of Stutz et al., "
            "MLSys 2021",
            {geometry, "14 nm", VoltageUnit::kVmin, std::nullopt},
            voltagesOf14nm(),
            energyOf14nm(geometry),
            std::move(recipe)};
}

}  // namespace

/// Energy per access is (V/Vmin)^2 (REFERENCE 1); EnergyModel interpolates in V^2, which is exact
/// for it. Leakage is left out: no source gives it against the voltage.
EnergyModel energyOf14nm(const SramGeometry& geometry) {
    constexpr double kReadJ = 1.26e-12;
    constexpr double kWriteJ = 1.34e-12;
    std::vector<EnergyPoint> points;
    for (const double v : voltagesOf14nm()) {
        points.push_back({v, kReadJ * v * v, kWriteJ * v * v, std::nullopt});
    }
    std::string source =
        "Relative to Vmin: (V/Vmin)^2, the energy per access of 14 nm SRAM arrays of Stutz et al., "
        "MLSys 2021 (arXiv 2006.13977). Absolute: CACTI 7, 4 KB array with a 64-bit port, 22 nm "
        "hp, "
        "300 K: read 1.26 pJ, write 1.34 pJ, taken as those at Vmin for want of a 14 nm figure. "
        "No leakage.";
    if (geometry.rows != 512 || geometry.columns != 64 || geometry.columnMux != 1) {
        source +=
            " The absolute figures are those of a 512 x 64 array, not of this profile's: use "
            "the relative ones.";
    }
    return EnergyModel(std::move(points), 1.0, std::move(source));
}

std::vector<std::string> recipePresetNames() { return {"14nm-iid", "14nm-columns", "28nm-column"}; }

RecipePreset recipePreset(const std::string& name) {
    if (name == "28nm-column") return preset28nmColumn(kGeometry28nmColumn);
    if (name == "14nm-columns") return preset14nmColumns(kGeometry14nmColumns);
    return recipePreset(name, SramGeometry{32, 512, 64, 1});
}

RecipePreset recipePreset(const std::string& name, const SramGeometry& geometry) {
    geometry.validate();
    if (name == "14nm-iid") return preset14nm(geometry);
    if (name == "28nm-column") return preset28nmColumn(geometry);
    if (name == "14nm-columns") return preset14nmColumns(geometry);
    std::string known;
    for (const std::string& one : recipePresetNames()) known += (known.empty() ? "" : ", ") + one;
    throw UsageError("--preset", "'" + name + "' is unknown; expected one of: " + known);
}

ProfileHeader headerOf(const RecipePreset& preset) {
    return {infoForNewProfile(Provenance::kSynthetic,
                              "generated from preset " + preset.name + ", seed " +
                                  std::to_string(preset.recipe.seed) + ", " +
                                  std::to_string(preset.recipe.chips) + " chips"),
            preset.device, preset.referenceVoltages, preset.energy};
}

}  // namespace brownout
