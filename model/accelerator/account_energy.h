#pragma once

#include <vector>

#include "model/accelerator/account.h"

namespace brownout {

/// The supply of every part of an accelerator.
struct AcceleratorSupplies {
    double arrayV = 1;             ///< supply of the compute array, V
    std::vector<double> memories;  ///< one for each memory, in the unit of its energy table
};

/// Returns the supplies that the description names.
AcceleratorSupplies nominalSupplies(const Accelerator& accelerator);

/// Energy of a memory, J.
struct MemoryEnergy {
    double dynamicJ = 0;  ///< accesses
    double leakageJ = 0;
};

/// Time and energy of a layer, or of all.
struct LayerEnergy {
    double seconds = 0;
    double stallCycles = 0;  ///< cycles beyond those of the array: ports, banks and the DRAM
    std::vector<MemoryEnergy> memories;
    double macJ = 0, registerJ = 0, transferJ = 0, arrayLeakageJ = 0;

    double computeJ() const { return macJ + registerJ + transferJ + arrayLeakageJ; }
    double totalJ() const;
    void operator+=(const LayerEnergy& more);
};

/// Returns time and energy of each layer at these supplies.
///
/// A memory's dynamic energy is its word accesses times the energy of an access at its supply,
/// times (w + c)/w for c check bits on w data bits; its leakage is that of all its arrays, check
/// bits included, over the time of the layer. The array's energies go with the square of its
/// supply, its leakage with the supply (for want of a sourced coefficient).
///
/// A layer takes as long as the array computes, as the busiest memory needs for its accesses
/// through banks x ports a cycle, or as the DRAM needs for what double-buffered memories exchange
/// with it, whichever is longest; what other memories exchange with the DRAM adds to that.
///
/// Throws Error if a supply is outside an energy table or the table of clocks.
std::vector<LayerEnergy> energyOf(const Accelerator& accelerator, const Account& account,
                                  const AcceleratorSupplies& supplies);

/// Returns the sum over layers.
LayerEnergy totalOf(const std::vector<LayerEnergy>& layers);

}  // namespace brownout
