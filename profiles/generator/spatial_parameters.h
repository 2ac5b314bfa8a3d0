#pragma once

#include <cstdint>

#include "model/geometry.h"

namespace brownout {

/// The dependence of the cells of a chip on each other, and the behaviour of failing ones:
/// parameters of the generator "spatial" (FORMAT.md; REFERENCE 2). The defaults are those of
/// independent cells that always fail.
///
/// A cell has a standard normal *height* z, the sum of what its array, its column, its row and the
/// cell itself contribute; the recipe's curve turns it into a critical voltage. Shares are shares
/// of the variance of z.
struct SpatialParameters {
    double arrayShare = 0;   ///< share common to the cells of an array
    double columnShare = 0;  ///< share common to the cells of a column of an array
    double rowShare = 0;     ///< share common to the cells of a row of an array

    /// Rise of z from the left edge of the chip to the right one, and from the top to the bottom.
    /// It comes on top of the shares.
    double gradientX = 0;
    double gradientY = 0;
    std::uint32_t arraysAcross = 0;  ///< arrays side by side on the chip; 0: as square as possible

    /// Shares of the variance of a second standard normal number, from which a cell's direction
    /// comes (see BehaviourShares), that are common to an array and to a column.
    double directionArrayShare = 0;
    double directionColumnShare = 0;

    /// Share of the failing cells that fail in every read. The others fail in a read with
    /// probability q = Phi(m + intermittentSpread * g), g standard normal, drawn once for the cell;
    /// m is such that q has the mean `intermittentMean`.
    double persistentShare = 1;
    double intermittentMean = 0.5;
    double intermittentSpread = 1;

    /// Standard deviation of the critical voltage from read to read, unit of the profile: P(read
    /// fails at V) = q Phi((Vcrit - V) / readNoise).
    double readNoise = 0;

    /// Share of columns and of rows that are broken: all their cells always fail, the same way, at
    /// every supply below `defectVoltage`.
    double columnDefectRate = 0;
    double rowDefectRate = 0;
    double defectVoltage = 0;

    /// Shift of the critical voltages, which are higher by ageingShift + temperatureCoefficient *
    /// (T - referenceTemperature). No source gives defaults other than zero.
    double ageingShift = 0;             ///< unit of the profile
    double temperatureCoefficient = 0;  ///< unit of the profile a degree
    double referenceTemperature = 25;   ///< degrees Celsius

    double cellShare() const { return 1 - arrayShare - columnShare - rowShare; }
    std::uint32_t across(const SramGeometry& geometry) const;

    /// Checks the parameters. Throws Error if a share is outside [0, 1], less than a thousandth is
    /// left for the cell, or another number is out of its range.
    void validate() const;
};

/// Smallest share of the variance that must be left for the cell itself.
constexpr double kLeastCellShare = 1e-3;

}  // namespace brownout
