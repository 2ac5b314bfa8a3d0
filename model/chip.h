#pragma once

#include <cstdint>
#include <vector>

#include "base/span.h"
#include "model/geometry.h"

namespace brownout {

/// A cell that fails below its critical voltage, and what a read of it then returns.
struct FaultyCell {
    std::uint32_t cell = 0;       ///< number of the cell, see SramGeometry
    float criticalVoltage = 0.F;  ///< fails at every supply below this; unit of the profile
    float p01 = 0.F;              ///< probability that a stored 0 reads as 1, per read
    float p10 = 0.F;              ///< probability that a stored 1 reads as 0, per read
};

/// Faults of one chip, ordered so that what fails at a supply is a prefix.
///
/// Cells are sorted by critical voltage, highest first; failing cells at V are those with Vcrit >
/// V. This is what makes error sets nested over voltage, as measured on silicon (REFERENCE 1).
/// Cells whose critical voltage is below `floorVoltage` are not known, so nothing can be said below
/// that supply.
///
/// Voltages of a chip are in the unit of its profile: volts, or multiples of the profile's Vmin.
class Chip {
 public:
    /// Takes the cells in any order. Throws Error if a cell is outside the geometry or named twice,
    /// a number is not finite, a probability is outside [0, 1] or a critical voltage is not above
    /// the floor.
    Chip(const SramGeometry& geometry, std::vector<FaultyCell> cells, double floorVoltage);

    const SramGeometry& geometry() const { return geometry_; }
    double floorVoltage() const { return floorVoltage_; }
    Span<const FaultyCell> cells() const { return cells_; }

    /// Cells that fail at `supply`. O(log n); the span stays valid as long as the chip. Throws
    /// Error if `supply` is below the floor.
    Span<const FaultyCell> failingAt(double supply) const;

 private:
    SramGeometry geometry_;
    std::vector<FaultyCell> cells_;
    double floorVoltage_;
};

}  // namespace brownout
