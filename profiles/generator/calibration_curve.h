#pragma once

#include <vector>

namespace brownout {

/// A published or measured point: the share of cells that fail at a supply.
struct CurvePoint {
    double voltage = 0;
    double rate = 0;
};

/// The share of cells that fail at a supply: the distribution of their critical voltages, through
/// the points of a table exactly.
///
/// Between points of positive rate, probit(rate) is linear in the voltage: critical voltages are
/// Gaussian piece by piece. Down to a point of rate zero the rate itself is linear, so that it ends
/// there, which a Gaussian never does. A single Gaussian over all points is not used: it misses the
/// table of REFERENCE 1 by up to 17 %, far outside its binomial error.
///
/// Two points may have the same rate. No cell has its critical voltage between them, so every
/// supply there gives the same errors: this is how a table whose voltages were published rounded
/// (0.917 for 22/24) holds for both spellings.
class CalibrationCurve {
 public:
    /// Takes points by ascending voltage and never rising rate, the last of rate zero. Throws Error
    /// if there are fewer than two, a number is not finite, a voltage is not positive or closer
    /// than 1e-6 of its size to the one before (cells hold single precision), or a rate is outside
    /// [0, 1).
    explicit CalibrationCurve(std::vector<CurvePoint> points);

    const std::vector<CurvePoint>& points() const { return points_; }
    double lowestVoltage() const { return points_.front().voltage; }
    double highestVoltage() const { return points_.back().voltage; }

    /// Returns the share of cells that fail at `supply`; the table's own figure at its voltages.
    /// Zero above the highest voltage. Throws Error below the lowest one.
    double rate(double supply) const;

    /// Returns the critical voltage of the cell of this rank (uniform in [0, 1) over the cells):
    /// the inverse of rate(). A cell fails at a voltage of the table if and only if its rank is
    /// below the rate there; rounding to single precision doesn't change that. Ranks from the rate
    /// at the lowest voltage up have none: they throw std::out_of_range.
    float criticalVoltage(double rank) const;

 private:
    std::vector<CurvePoint> points_;
    std::vector<double> probits_;  // of the rates; unused where the rate is zero
};

/// Returns the inverse of the standard normal distribution function for p in (0, 1), to about 1e-16
/// relative (Wichura, Algorithm AS 241, Applied Statistics 37, 1988). Written out rather than taken
/// from Boost.Math, whose erfc_inv calls the C library and changes with its version: the critical
/// voltages of shipped chips depend on the last bits (base/portable_math.h).
double probit(double p);

}  // namespace brownout
