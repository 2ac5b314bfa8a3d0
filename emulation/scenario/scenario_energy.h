#pragma once

#include <optional>
#include <vector>

#include "emulation/scenario/scenario.h"
#include "emulation/scenario/scenario_subject.h"
#include "model/supply_domain.h"

namespace brownout {

/// The energy of a scenario in closed form, for any supply over time.
///
/// An interval of length t at supply V with n inferences takes
///
///     n E(V)                            accesses: reads and writes of an inference, (w + c)/w
///                                       of each for c check bits on w data bits, at the
///                                       energies of the table
///     A times the integral of the       leakage of all A arrays, also while the supply ramps
///     power over t                      to V and settles (supply_leakage.h)
///     (1 - efficiency) C |V^2 - U^2|    the move from the supply U before, if it is a move
///
/// Where there is an accelerator, E(V) is the energy of everything in it that switches during an
/// inference, and the leakage of its other memories and its array is added at their nominal
/// supplies.
class ScenarioEnergyModel {
 public:
    /// Works out E at every supply. Without energies in the profile nothing is known: has() is
    /// false. Throws UsageError if a rail has a capacitance and Vmin in volts isn't known, and as
    /// accountOf does.
    ScenarioEnergyModel(const ScenarioRequest& request, const SupplyGrid& grid,
                        const ScenarioSubject& subject);

    bool has() const { return model_.has_value(); }
    bool hasLeakage() const;

    /// Returns the energy between two times, in which `inferences` are made at a level, after a
    /// move from `before`.
    ScenarioEnergy of(const SupplyDomain& domain, Picoseconds start, Picoseconds end, Level before,
                      Level level, double inferences) const;

 private:
    void addAccelerator(const AcceleratorRequest& request, VoltageUnit unit, const SupplyGrid& grid,
                        const ScenarioSubject& subject);

    RegulatorSettings regulator_;
    std::optional<EnergyModel> model_;
    std::vector<double> inferenceJ_;  ///< energy that an inference switches, by level
    double leakingArrays_ = 0;
    double otherLeakageW_ = 0;
    std::vector<double> volts_;  ///< supply of each level, V; empty without a rail
};

}  // namespace brownout
