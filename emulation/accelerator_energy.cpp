#include "emulation/accelerator_energy.h"

#include <algorithm>

#include "base/error.h"
#include "base/numbers.h"
#include "inference/layer_shapes.h"
#include "model/accelerator/account_energy.h"
#include "model/check_placement.h"

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

void takeEnergy(Accelerator& accelerator, DataKind kind, const std::optional<Profile>& profile) {
    const auto holder = accelerator.holder(kind);
    if (holder && profile && profile->energy()) takeEnergy(accelerator.memories[*holder], *profile);
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

namespace {

/// Returns the supply that a request fixes for a memory; nothing if it fixes none.
std::optional<Voltage> fixedFor(const CampaignRequest& request, const AcceleratorMemory& memory,
                                const char* kind) {
    for (const FixedSupplyRequest& fixed : request.fixedSupplies) {
        if (fixed.name == memory.name || fixed.name == memory.domain || fixed.name == kind) {
            return fixed.voltage;
        }
    }
    return std::nullopt;
}

/// The energies of one row on an accelerator.
class RowEnergies {
 public:
    RowEnergies(const CampaignRequest& request, const CampaignSpec& spec, std::size_t row,
                const EncodedNetwork& network, std::vector<ArrayDomain> domains)
        : request_(request),
          spec_(spec),
          accelerator_(request.accelerator->accelerator),
          domains_(std::move(domains)),
          weights_(accelerator_.holder(DataKind::kWeights)) {
        if (weights_) {
            AcceleratorMemory& memory = accelerator_.memories[*weights_];
            memory.protection = protectionNameOf(spec.networks[row]);
            memory.codeBits = network.codeBits().value_or(0);
        }
        const NetworkShape shapes = layerShapesOf(
            network.graph(), {numberFormat(network.format().name()), network.scope()});
        account_ = accountOf(accelerator_, shapes);
    }

    double nominalJ() const {
        return totalOf(energyOf(accelerator_, account_, nominalSupplies(accelerator_))).totalJ();
    }

    std::vector<PartEnergy> at(const PointSpec& point) const {
        AcceleratorSupplies supplies = nominalSupplies(accelerator_);
        for (const FixedSupplyRequest& fixed : request_.fixedSupplies) {
            if (fixed.name != "array") continue;
            if (fixed.voltage.unit != VoltageUnit::kVolt) {
                throw UsageError("supply", "array: expected volts, such as array=0.8V");
            }
            supplies.arrayV = fixed.voltage.value;
        }
        for (std::size_t i = 0; i < accelerator_.memories.size(); ++i) {
            const AcceleratorMemory& memory = accelerator_.memories[i];
            const bool holdsWeights = weights_ == i && !memory.isDram;
            const bool holdsActivations = accelerator_.holder(DataKind::kActivations) == i;
            const bool holdsSums = accelerator_.holder(DataKind::kAccumulators) == i;
            const bool follows = holdsWeights || (holdsActivations && spec_.activations) ||
                                 (holdsSums && spec_.accumulators);
            const auto fixed = fixedFor(request_, memory,
                                        holdsWeights       ? kWeightsDomain
                                        : holdsActivations ? kActivationsDomain
                                        : holdsSums        ? kAccumulatorsDomain
                                                           : "");
            if (!memory.energy || (!follows && !fixed)) continue;
            supplies.memories[i] = supplyFor(memory, fixed.value_or(voltageOf(*point.voltage)),
                                             fixed ? "supply" : "voltages");
        }
        const std::vector<LayerEnergy> base = energyOf(accelerator_, account_, supplies);
        std::vector<LayerEnergy> layers = base;
        for (const FixedSupply& own : spec_.supplies) takeLayer(own, supplies, base, layers);
        return partsOf(accelerator_, totalOf(layers));
    }

 private:
    Voltage voltageOf(double supply) const {
        return {supply, spec_.profile->unit == "V" ? VoltageUnit::kVolt : VoltageUnit::kVmin};
    }

    /// Gives the accesses to the weights of a layer, and the leakage of its arrays, the energy that
    /// they have at the layer's own supply.
    void takeLayer(const FixedSupply& own, AcceleratorSupplies supplies,
                   const std::vector<LayerEnergy>& base, std::vector<LayerEnergy>& layers) const {
        if (!weights_) return;
        const AcceleratorMemory& memory = accelerator_.memories[*weights_];
        double arrays = 0;
        for (const ArrayDomain& domain : domains_) {
            if (domain.name == own.domain) arrays += domain.arrays;
        }
        if (arrays == 0 || !memory.energy) return;
        supplies.memories[*weights_] = supplyFor(memory, voltageOf(own.supply), "supply");
        const std::vector<LayerEnergy> there = energyOf(accelerator_, account_, supplies);
        const double share = memory.arrayBytes == 0
                                 ? 0
                                 : std::min(1.0, arrays * static_cast<double>(memory.arrayBytes) /
                                                     static_cast<double>(memory.bytes));
        for (std::size_t l = 0; l < layers.size(); ++l) {
            MemoryEnergy& weights = layers[l].memories[*weights_];
            const MemoryEnergy& moved = there[l].memories[*weights_];
            if (account_.layers[l].name == own.domain) weights.dynamicJ = moved.dynamicJ;
            weights.leakageJ += share * (moved.leakageJ - base[l].memories[*weights_].leakageJ);
        }
    }

    const CampaignRequest& request_;
    const CampaignSpec& spec_;
    Accelerator accelerator_;
    std::vector<ArrayDomain> domains_;
    std::optional<std::size_t> weights_;
    Account account_;
};

/// Returns the energy of one inference of a network in a memory of which some layers have a supply
/// of their own: a read of every word.
double readEnergy(const EnergyModel& energy, const CheckPlacement& placement, const MemoryMap& map,
                  const std::vector<ArrayDomain>& domains, const OperatingPoint& at) {
    const double cost =
        1 + static_cast<double>(placement.checkBits()) /
                (static_cast<double>(placement.blockWords()) * map.geometry().wordBits());
    const std::uint64_t perArray = map.geometry().wordsPerArray();
    double joules = 0;
    std::uint64_t own = 0;
    for (const ArrayDomain& domain : domains) {
        const std::uint64_t first = domain.firstArray * perArray;
        const std::uint64_t words =
            std::min<std::uint64_t>(map.imageWords() - first, domain.arrays * perArray);
        own += words;
        joules += static_cast<double>(words) * energy.readJ(at.supplyOf(domain.name));
    }
    joules +=
        static_cast<double>(map.imageWords() - own) * energy.readJ(at.supplyOf(kWeightsDomain));
    return cost * joules;
}

}  // namespace

void addEnergies(const CampaignRequest& request, const SramGeometry& chip, const CampaignRows& rows,
                 CampaignSpec& spec) {
    const bool fixed = !spec.supplies.empty();
    if (!request.accelerator && !fixed) return;
    const bool weightsFail = std::any_of(spec.networks.begin(), spec.networks.end(),
                                         [](const NetworkSpec& n) { return n.failing.weights; });
    if (request.accelerator) {
        const AcceleratorRequest& asked = *request.accelerator;
        const auto holder = asked.accelerator.holder(DataKind::kWeights);
        const bool there = holder && !asked.accelerator.memories[*holder].isDram;
        if (weightsFail && (!there || !asked.accelerator.memories[*holder].energy)) {
            throw UsageError("accelerator", asked.path +
                                                " has no memory on the chip that holds weights and "
                                                "has energies");
        }
        if (!spec.profile && !spec.activations) {
            throw UsageError("accelerator", "needs supplies; expected a profile of chips");
        }
        spec.accelerator = AcceleratorSpec{asked.accelerator.name, asked.path, asked.fingerprint};
    }
    if (!spec.profile) return;
    for (std::size_t row = 0; row < rows.networks.size(); ++row) {
        NetworkSpec& described = spec.networks[row];
        const CheckPlacement placement(chip, *rows.protections[row]);
        const MemoryMap map =
            layOut(rows.networks[row], placement, request.memory.layout, rows.placements[row]);
        std::vector<ArrayDomain> domains = arrayDomains(map, rows.placements[row]);
        if (request.accelerator) {
            const RowEnergies energies(request, spec, row, rows.networks[row], std::move(domains));
            described.nominalJ = energies.nominalJ();
            for (const PointSpec& point : spec.points) {
                described.energies.push_back(energies.at(point));
            }
            continue;
        }
        const auto& energy = request.memory.profile->energy();
        if (!energy) continue;
        OperatingPoint nominal{energy->reference(), {}, {}};
        described.nominalJ = readEnergy(*energy, placement, map, {}, nominal);
        for (std::uint32_t p = 0; p < spec.points.size(); ++p) {
            described.energies.push_back({{"weights", readEnergy(*energy, placement, map, domains,
                                                                 operatingPoint(spec, p))}});
        }
    }
}

}  // namespace brownout
