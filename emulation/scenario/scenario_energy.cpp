#include "emulation/scenario/scenario_energy.h"

#include "base/error.h"
#include "emulation/accelerator_energy.h"
#include "inference/layer_shapes.h"
#include "model/accelerator/account_energy.h"
#include "model/supply_leakage.h"

namespace brownout {

void ScenarioEnergy::operator+=(const ScenarioEnergy& more) {
    accessJ += more.accessJ;
    leakageJ += more.leakageJ;
    transitionJ += more.transitionJ;
}

ScenarioEnergyModel::ScenarioEnergyModel(const ScenarioRequest& request, const SupplyGrid& grid,
                                         const ScenarioSubject& subject)
    : regulator_(request.regulator), model_(request.memory.profile->energy()) {
    const Device& device = request.memory.profile->device();
    if (regulator_.railF > 0) {
        const std::optional<double> vminV = request.vminV ? request.vminV : device.vminV;
        if (device.unit == VoltageUnit::kVmin && !vminV) {
            throw UsageError("rail", "needs supplies in volts, and " +
                                         request.memory.profile->path().string() +
                                         " doesn't say what Vmin is; give --vmin");
        }
        const double unit = device.unit == VoltageUnit::kVolt ? 1 : *vminV;
        for (const double supply : grid.supplies()) volts_.push_back(supply * unit);
    }
    if (request.accelerator) {
        addAccelerator(*request.accelerator, device.unit, grid, subject);
        return;
    }
    if (!model_) return;
    const WordAccesses accesses =
        accessesPerInference(subject.map, subject.protection->checkBits());
    for (const double supply : grid.supplies()) {
        inferenceJ_.push_back(subject.accessCost() *
                              (static_cast<double>(accesses.reads) * model_->readJ(supply) +
                               static_cast<double>(accesses.writes) * model_->writeJ(supply)));
    }
    leakingArrays_ = subject.placement.chipGeometry().arrays;
}

void ScenarioEnergyModel::addAccelerator(const AcceleratorRequest& request, VoltageUnit unit,
                                         const SupplyGrid& grid, const ScenarioSubject& subject) {
    Accelerator accelerator = request.accelerator;
    const auto holder = accelerator.holder(DataKind::kWeights);
    if (!holder || accelerator.memories[*holder].isDram || !accelerator.memories[*holder].energy) {
        throw UsageError("accelerator", request.path +
                                            " has no memory on the chip that holds weights and has "
                                            "energies");
    }
    AcceleratorMemory& weights = accelerator.memories[*holder];
    if (weights.inVolts != (unit == VoltageUnit::kVolt)) {
        throw UsageError("accelerator", request.path + " has the energies of memory '" +
                                            weights.name + "' in " +
                                            (weights.inVolts ? "volts" : "multiples of Vmin") +
                                            "; expected the unit of the profile");
    }
    model_ = weights.energy;
    weights.protection = subject.protection->name();
    weights.codeBits = subject.network.codeBits().value_or(0);
    const NetworkShape shapes =
        layerShapesOf(subject.network.graph(),
                      {numberFormat(subject.network.format().name()), subject.network.scope()});
    const Account account = accountOf(accelerator, shapes);
    AcceleratorSupplies supplies = nominalSupplies(accelerator);
    for (const double supply : grid.supplies()) {
        supplies.memories[*holder] = supplyFor(weights, {supply, unit}, "accelerator");
        const LayerEnergy total = totalOf(energyOf(accelerator, account, supplies));
        double switched = total.macJ + total.registerJ + total.transferJ;
        otherLeakageW_ = total.arrayLeakageJ / total.seconds;
        for (std::size_t i = 0; i < total.memories.size(); ++i) {
            switched += total.memories[i].dynamicJ;
            const double leakageW = total.memories[i].leakageJ / total.seconds;
            if (i != *holder) {
                otherLeakageW_ += leakageW;
            } else if (const auto oneW = model_->leakageW(supply)) {
                leakingArrays_ = leakageW / *oneW;
            }
        }
        inferenceJ_.push_back(switched);
    }
}

bool ScenarioEnergyModel::hasLeakage() const {
    return otherLeakageW_ > 0 || (model_ && model_->points().front().leakageW.has_value());
}

ScenarioEnergy ScenarioEnergyModel::of(const SupplyDomain& domain, Picoseconds start,
                                       Picoseconds end, Level before, Level level,
                                       double inferences) const {
    ScenarioEnergy energy;
    if (!volts_.empty())
        energy.transitionJ = transitionJ(regulator_, volts_[before], volts_[level]);
    if (!model_) return energy;
    energy.accessJ = inferences * inferenceJ_[level];
    energy.leakageJ = otherLeakageW_ * secondsIn(end - start);
    if (const auto one = leakageJ(*model_, domain, start, end)) {
        energy.leakageJ += leakingArrays_ * *one;
    }
    return energy;
}

}  // namespace brownout
