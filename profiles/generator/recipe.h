#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/chip.h"
#include "profiles/generator/calibration_curve.h"
#include "profiles/generator/spatial_parameters.h"

namespace brownout {

/// Behaviour of failing cells, as shares of them that sum to one. Cells of a spatial recipe that
/// fail in some reads only have the probability of that in place of 1.
struct BehaviourShares {
    double flipping = 1;  ///< cells that read inverted: p01 = p10 = 1
    double stuckAt0 = 0;  ///< cells that read as 0: p10 = 1
    double stuckAt1 = 0;  ///< cells that read as 1: p01 = 1
};

/// A population of chips as generator parameters and a seed: chips of any size in a kilobyte.
///
/// The generator "iid": every cell's critical voltage is drawn independently from the calibration
/// curve. A cell has a rank, uniform in [0, 1), from the UniformField of (seed, chip); its critical
/// voltage is CalibrationCurve::criticalVoltage(rank), and what it does when it fails is drawn from
/// RandomDomain::kCellDirection. All of that is a pure function of (seed, chip, cell).
///
/// The generator "spatial": cells of a line have something in common (SpatialParameters), and the
/// curve is that of all of them together. Its chips are pure functions of the same, see
/// spatial_chip.cpp.
struct Recipe {
    std::string generator = "iid";
    std::string preset;  ///< name of the preset it came from; empty if none
    std::uint64_t seed = 1;
    std::uint32_t chips = 1;
    CalibrationCurve curve;
    BehaviourShares shares;
    std::optional<SpatialParameters> spatial;  ///< absent unless the generator is "spatial"

    /// Returns by how much a cell's critical voltage is above that of the curve.
    double voltageShift() const { return spatial ? spatial->ageingShift : 0; }
    /// Returns the lowest voltage that the recipe knows about.
    double lowestVoltage() const { return curve.lowestVoltage() + voltageShift(); }
    /// Returns the highest voltage that the recipe knows about.
    double highestVoltage() const;

    /// Returns the share of cells that fail at `supply`, in expectation. Throws Error below the
    /// lowest voltage.
    double expectedRate(double supply) const;

    /// Checks the recipe. Throws Error if the generator is unknown, there are no chips or more than
    /// 2^20, the shares are not in [0, 1] or don't sum to one (to 1e-9), or the spatial parameters
    /// are not what the generator takes.
    void validate() const;
};

/// Most failing cells of one chip that can be drawn or read: 2^26, 1 GiB of memory.
constexpr std::uint64_t kMostCellsOfAChip = std::uint64_t{1} << 26;

/// Most chips of one profile: 2^20.
constexpr std::uint32_t kMostChips = std::uint32_t{1} << 20;

/// Draws the cells of chip `chip` whose critical voltage is above `floorVoltage`: the same cells
/// for every floor that reveals them. Cost: proportional to these cells. Throws Error if the floor
/// is below the curve, or if more than kMostCellsOfAChip cells are to be expected.
Chip drawChip(const Recipe& recipe, const SramGeometry& geometry, std::uint32_t chip,
              double floorVoltage);

/// Draws all cells of a chip, down to the lowest voltage of the curve.
Chip drawChip(const Recipe& recipe, const SramGeometry& geometry, std::uint32_t chip);

}  // namespace brownout
