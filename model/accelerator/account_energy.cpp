#include "model/accelerator/account_energy.h"

#include <algorithm>
#include <cmath>

namespace brownout {
namespace {

/// Energy figures of a memory at its supply.
struct AccessFigures {
    double readJ = 0, writeJ = 0, leakageW = 0;
};

AccessFigures figuresOf(const AcceleratorMemory& memory, double supply) {
    if (!memory.energy) return {};
    const double cost = protectionCost(memory);
    const double arrays =
        memory.arrayBytes == 0
            ? 1
            : static_cast<double>((memory.bytes + memory.arrayBytes - 1) / memory.arrayBytes);
    return {cost * memory.energy->readJ(supply), cost * memory.energy->writeJ(supply),
            cost * arrays * memory.energy->leakageW(supply).value_or(0)};
}

double secondsOf(const Accelerator& accelerator, const LayerUse& layer, double hertz) {
    std::uint64_t busy = layer.cycles;
    std::uint64_t hiddenBits = 0, exposedBits = 0;
    std::optional<double> bandwidth;
    for (std::size_t i = 0; i < accelerator.memories.size(); ++i) {
        const AcceleratorMemory& memory = accelerator.memories[i];
        const MemoryUse& use = layer.memories[i];
        if (memory.isDram) {
            bandwidth = memory.bytesPerSecond;
            hiddenBits += use.dramBits;
            continue;
        }
        (memory.doubleBuffered ? hiddenBits : exposedBits) += use.dramBits;
        const std::uint64_t together = std::uint64_t{memory.banks} * memory.ports;
        busy = std::max(busy, (use.readWords + use.writeWords + together - 1) / together);
    }
    const double computing = static_cast<double>(busy) / hertz;
    if (!bandwidth) return computing;
    return std::max(computing, static_cast<double>(hiddenBits) / 8 / *bandwidth) +
           static_cast<double>(exposedBits) / 8 / *bandwidth;
}

}  // namespace

AcceleratorSupplies nominalSupplies(const Accelerator& accelerator) {
    AcceleratorSupplies supplies;
    supplies.arrayV = accelerator.array.nominalSupply;
    for (const AcceleratorMemory& memory : accelerator.memories) {
        supplies.memories.push_back(memory.nominalSupply);
    }
    return supplies;
}

double LayerEnergy::totalJ() const {
    double total = computeJ();
    for (const MemoryEnergy& memory : memories) total += memory.dynamicJ + memory.leakageJ;
    return total;
}

void LayerEnergy::operator+=(const LayerEnergy& more) {
    seconds += more.seconds;
    stallCycles += more.stallCycles;
    memories.resize(std::max(memories.size(), more.memories.size()));
    for (std::size_t i = 0; i < more.memories.size(); ++i) {
        memories[i].dynamicJ += more.memories[i].dynamicJ;
        memories[i].leakageJ += more.memories[i].leakageJ;
    }
    macJ += more.macJ;
    registerJ += more.registerJ;
    transferJ += more.transferJ;
    arrayLeakageJ += more.arrayLeakageJ;
}

std::vector<LayerEnergy> energyOf(const Accelerator& accelerator, const Account& account,
                                  const AcceleratorSupplies& supplies) {
    const ComputeArray& array = accelerator.array;
    const double hertz = clockAt(array, supplies.arrayV);
    const double swing = supplies.arrayV / array.nominalSupply;
    std::vector<AccessFigures> figures;
    for (std::size_t i = 0; i < accelerator.memories.size(); ++i) {
        figures.push_back(figuresOf(accelerator.memories[i], supplies.memories.at(i)));
    }
    std::vector<LayerEnergy> energies;
    for (const LayerUse& layer : account.layers) {
        LayerEnergy energy;
        energy.seconds = secondsOf(accelerator, layer, hertz);
        energy.stallCycles = energy.seconds * hertz - static_cast<double>(layer.cycles);
        for (std::size_t i = 0; i < figures.size(); ++i) {
            const MemoryUse& use = layer.memories[i];
            energy.memories.push_back({static_cast<double>(use.readWords) * figures[i].readJ +
                                           static_cast<double>(use.writeWords) * figures[i].writeJ,
                                       figures[i].leakageW * energy.seconds});
        }
        energy.macJ = static_cast<double>(layer.macs) * array.macJ * swing * swing;
        energy.registerJ =
            static_cast<double>(layer.registerAccesses) * array.registerJ * swing * swing;
        energy.transferJ = static_cast<double>(layer.transfers) * array.transferJ * swing * swing;
        energy.arrayLeakageJ = array.leakageW * swing * energy.seconds;
        energies.push_back(std::move(energy));
    }
    return energies;
}

LayerEnergy totalOf(const std::vector<LayerEnergy>& layers) {
    LayerEnergy total;
    for (const LayerEnergy& layer : layers) total += layer;
    return total;
}

}  // namespace brownout
