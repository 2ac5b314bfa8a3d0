#pragma once

#include <cstdint>
#include <vector>

#include "model/supply_domain.h"

namespace brownout {

/// Index of a supply that a regulator can give, 0 the lowest.
using Level = std::uint32_t;

/// The supplies that a regulator can give, ascending: controllers count in its steps, so that no
/// rounding ever decides.
class SupplyGrid {
 public:
    /// Takes supplies in the unit of the profile. Throws Error unless they ascend from above zero.
    explicit SupplyGrid(std::vector<double> supplies);

    /// Makes the grid of the multiples of `step` from `lowest` to `highest`, which differ by noise
    /// at the most where they are meant to be ends of it. Throws UsageError naming "step" if there
    /// is none, or more than a million.
    static SupplyGrid multiplesOf(double step, double lowest, double highest);

    Level levels() const { return static_cast<Level>(supplies_.size()); }
    double operator[](Level level) const { return supplies_[level]; }
    const std::vector<double>& supplies() const { return supplies_; }

    /// Returns the lowest level that gives at least `supply`. Throws Error if none does.
    Level atLeast(double supply) const;
    /// Returns the highest level that gives at most `supply`. Throws Error if none does.
    Level atMost(double supply) const;

 private:
    std::vector<double> supplies_;
};

/// The way a supply is moved, and what a move costs.
struct RegulatorSettings {
    SupplySettings supply;    ///< slew rate and settling time
    double step = 0.005;      ///< distance between two supplies, unit of the profile
    double railF = 0;         ///< capacitance of the rail, F; 0: moves cost no energy
    double efficiency = 0.9;  ///< efficiency of the regulator, above 0 and at most 1
};

/// Returns the energy that a move between two supplies takes, J: (1 - efficiency) C |V2^2 - V1^2|,
/// the loss of a regulator that takes back what a falling rail gives (Burd and Brodersen, ISLPED
/// 2000). Supplies are in volts.
double transitionJ(const RegulatorSettings& regulator, double fromV, double toV);

}  // namespace brownout
