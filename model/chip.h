#pragma once

#include <cstdint>
#include <vector>

#include "base/span.h"
#include "model/geometry.h"

namespace brownout {

/// A cell that fails below its critical voltage, and what a read of it then returns.
struct FaultyCell {
    std::uint32_t cell = 0;       ///< number of the cell, see SramGeometry
    float criticalVoltage = 0.F;  ///< supply below which the cell fails; unit of the profile
    float p01 = 0.F;              ///< probability that a stored 0 reads as 1, per read
    float p10 = 0.F;              ///< probability that a stored 1 reads as 0, per read
};

/// Reach of the read noise, in standard deviations; the tail beyond it, Phi(-5), is 3e-7.
constexpr double kReadNoiseReach = 5;

/// Faults of one chip, ordered so that what fails at a supply is a prefix.
///
/// Cells are sorted by critical voltage, highest first; failing cells at V are those with Vcrit >
/// V. This is what makes error sets nested over voltage, as measured on silicon (REFERENCE 1).
/// Cells whose critical voltage is below `floorVoltage` are not known, so nothing can be said below
/// that supply.
///
/// With read noise, a read fails at V with probability p * Phi((Vcrit - V) / noise) (REFERENCE 2),
/// where p is p01 or p10: cells near the supply fail in some reads only, on either side of it.
/// Beyond kReadNoiseReach times the noise that is taken for certain.
///
/// Voltages of a chip are in the unit of its profile: volts, or multiples of the profile's Vmin.
class Chip {
 public:
    /// Takes the cells in any order. Throws Error if a cell is outside the geometry or named twice,
    /// a number is not finite, a probability is outside [0, 1] or a critical voltage is not above
    /// the floor, or the noise is negative.
    Chip(const SramGeometry& geometry, std::vector<FaultyCell> cells, double floorVoltage,
         double readNoise = 0);

    /// Returns the arrays of the chip.
    const SramGeometry& geometry() const { return geometry_; }
    /// Returns the voltage below which nothing is known.
    double floorVoltage() const { return floorVoltage_; }
    /// Returns the standard deviation of a cell's critical voltage from read to read; 0: none.
    double readNoise() const { return readNoise_; }
    /// Returns all cells that are known, highest critical voltage first.
    Span<const FaultyCell> cells() const { return cells_; }

    /// Returns the cells whose critical voltage is above `voltage`. O(log n); the span stays valid
    /// as long as the chip. Throws Error if `voltage` is below the floor. A ChipSource answers for
    /// an operating point (threshold_chips.h).
    Span<const FaultyCell> cellsAbove(double voltage) const;

 private:
    SramGeometry geometry_;
    std::vector<FaultyCell> cells_;
    double floorVoltage_;
    double readNoise_;
};

}  // namespace brownout
