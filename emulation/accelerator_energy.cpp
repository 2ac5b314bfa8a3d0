#include "emulation/accelerator_energy.h"

#include "base/error.h"
#include "base/numbers.h"
#include "inference/layer_shapes.h"
#include "model/accelerator/account_energy.h"

namespace brownout {
namespace {

/// Returns the energies of an inference by part: each memory, and the compute array.
std::vector<PartEnergy> partsOf(const Accelerator& accelerator, const LayerEnergy& total) {
    std::vector<PartEnergy> parts;
    for (std::size_t i = 0; i < accelerator.memories.size(); ++i) {
        parts.push_back({accelerator.memories[i].name,
                         total.memories[i].dynamicJ + total.memories[i].leakageJ});
    }
    parts.push_back({"compute", total.computeJ()});
    return parts;
}

}  // namespace

void takeEnergy(AcceleratorMemory& memory, const Profile& profile) {
    if (!profile.energy()) {
        throw Error(profile.path().string() + ":/energy",
                    "is missing; memory '" + memory.name + "' was to have its energy from there");
    }
    const SramGeometry& geometry = profile.device().geometry;
    memory.energy = profile.energy();
    memory.nominalSupply = profile.energy()->reference();
    memory.inVolts = profile.device().unit == VoltageUnit::kVolt;
    memory.vminV = profile.device().vminV;
    memory.wordBits = geometry.wordBits();
    memory.arrayBytes = std::uint64_t{geometry.rows} * geometry.columns / 8;
}

double supplyFor(const AcceleratorMemory& memory, const Voltage& voltage,
                 const std::string& option) {
    Device device;
    device.unit = memory.inVolts ? VoltageUnit::kVolt : VoltageUnit::kVmin;
    device.vminV = memory.vminV;
    double supply = 0;
    try {
        supply = voltageIn(device.unit, device, voltage);
    } catch (const Error&) {
        throw UsageError(option, "memory '" + memory.name + "' has its energies in " +
                                     nameOf(device.unit) +
                                     ", and what Vmin is in volts isn't known");
    }
    if (!memory.energy->covers(supply)) {
        const auto& points = memory.energy->points();
        throw UsageError(option,
                         shortestNumber(supply) + " is outside the energy table of memory '" +
                             memory.name + "', " + shortestNumber(points.front().supply) + " to " +
                             shortestNumber(points.back().supply) + " " + nameOf(device.unit));
    }
    return supply;
}

void addAcceleratorEnergies(const AcceleratorRequest& request, const CampaignRows& rows,
                            CampaignSpec& spec) {
    if (!spec.profile) {
        throw UsageError("accelerator", "needs supplies; expected a profile of chips");
    }
    Accelerator accelerator = request.accelerator;
    const auto holder = accelerator.holder(DataKind::kWeights);
    if (!holder || accelerator.memories[*holder].isDram || !accelerator.memories[*holder].energy) {
        throw UsageError("accelerator", request.path +
                                            " has no memory on the chip that holds weights and has "
                                            "energies");
    }
    spec.accelerator = AcceleratorSpec{accelerator.name, request.path, request.fingerprint};
    AcceleratorMemory& weights = accelerator.memories[*holder];
    for (std::size_t row = 0; row < rows.networks.size(); ++row) {
        const EncodedNetwork& network = rows.networks[row];
        NetworkSpec& described = spec.networks[row];
        weights.protection = described.protection ? described.protection->name : "none";
        weights.codeBits = network.codeBits().value_or(0);
        const NetworkShape shapes = layerShapesOf(
            network.graph(), {numberFormat(network.format().name()), network.scope()});
        const Account account = accountOf(accelerator, shapes);
        AcceleratorSupplies supplies = nominalSupplies(accelerator);
        described.nominalJ = totalOf(energyOf(accelerator, account, supplies)).totalJ();
        for (const PointSpec& point : spec.points) {
            const VoltageUnit unit =
                spec.profile->unit == "V" ? VoltageUnit::kVolt : VoltageUnit::kVmin;
            supplies.memories[*holder] = supplyFor(weights, {*point.voltage, unit}, "voltages");
            described.energies.push_back(
                partsOf(accelerator, totalOf(energyOf(accelerator, account, supplies))));
        }
    }
}

}  // namespace brownout
