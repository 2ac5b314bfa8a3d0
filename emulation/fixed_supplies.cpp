#include "emulation/fixed_supplies.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "emulation/points.h"
#include "emulation/value_memories.h"
#include "emulation/weight_streams.h"
#include "inference/layer_shapes.h"
#include "model/accelerator/product_use.h"
#include "model/check_placement.h"

namespace brownout {
namespace {

/// Returns the layers that weights of the networks belong to, each once.
std::vector<std::string> layersOf(const CampaignRequest& request) {
    std::vector<std::string> layers;
    for (const NetworkRequest& asked : request.networks) {
        for (const StoredTensor& tensor :
             tensorsToStore(asked.network, *asked.formats.at(0), asked.store)) {
            if (std::find(layers.begin(), layers.end(), tensor.node) == layers.end()) {
                layers.push_back(tensor.node);
            }
        }
    }
    return layers;
}

/// Returns the domain that a name of a fixed supply stands for in the campaign's operating points:
/// empty for a memory that doesn't fail; nothing where the name is of none.
std::optional<std::string> domainOf(const CampaignRequest& request, const std::string& name,
                                    const std::vector<std::string>& layers) {
    if (name == kWeightsDomain) return name;
    if (std::find(layers.begin(), layers.end(), name) != layers.end()) return name;
    if (!request.accelerator) return std::nullopt;
    if (name == "array") return "";
    const Accelerator& accelerator = request.accelerator->accelerator;
    std::optional<std::string> found;
    for (std::size_t i = 0; i < accelerator.memories.size(); ++i) {
        const AcceleratorMemory& memory = accelerator.memories[i];
        if (memory.name != name && memory.domain != name) continue;
        if (accelerator.holder(DataKind::kWeights) == i) return kWeightsDomain;
        found = "";
        if (accelerator.holder(DataKind::kActivations) == i &&
            fails(request, DataKind::kActivations)) {
            found = kActivationsDomain;
        } else if (accelerator.holder(DataKind::kAccumulators) == i &&
                   fails(request, DataKind::kAccumulators)) {
            found = kAccumulatorsDomain;
        }
    }
    return found;
}

}  // namespace

std::vector<FixedSupply> fixedSuppliesOf(const CampaignRequest& request) {
    std::vector<FixedSupply> supplies;
    if (request.fixedSupplies.empty()) return supplies;
    const std::vector<std::string> layers = layersOf(request);
    std::set<std::string> taken;
    for (const FixedSupplyRequest& fixed : request.fixedSupplies) {
        if (!request.memory.profile) {
            throw UsageError("supply", "needs a profile of chips: uniform errors know no supply");
        }
        if (!taken.insert(fixed.name).second) {
            throw UsageError("supply", "'" + fixed.name + "' appears twice");
        }
        const auto domain = domainOf(request, fixed.name, layers);
        if (!domain) {
            std::string known = kWeightsDomain;
            for (const std::string& layer : layers) known += ", " + layer;
            throw UsageError("supply", "'" + fixed.name +
                                           "' is no memory, supply domain or layer; expected some "
                                           "of " +
                                           known);
        }
        if (domain->empty()) continue;
        const Profile& profile = *request.memory.profile;
        const auto asked = suppliesOf(profile, {{fixed.voltage}}, request.memory.temperatureC);
        supplies.push_back({*domain, asked.at(0).supply});
    }
    return supplies;
}

std::vector<std::string> placeRows(const CampaignRequest& request, const SramGeometry& chip,
                                   CampaignRows& rows, const CampaignSpec& spec) {
    std::vector<std::string> notes;
    std::set<std::string> layers;
    for (const FixedSupply& fixed : spec.supplies) {
        if (isLayer(fixed)) layers.insert(fixed.domain);
    }
    for (std::size_t row = 0; row < rows.networks.size(); ++row) {
        NetworkPlacement& where = rows.placements[row];
        if (!layers.empty()) {
            for (const StoredTensor& tensor : rows.networks[row].storedTensors()) {
                where.domains.push_back(layers.count(tensor.node) != 0 ? tensor.node : "");
            }
        }
        if (!request.accelerator) continue;
        const Accelerator& accelerator = request.accelerator->accelerator;
        const auto holder = accelerator.holder(DataKind::kWeights);
        if (!holder || accelerator.memories[*holder].isDram) continue;
        const std::uint64_t bytes = shareOf(accelerator, DataKind::kWeights) / 8;
        const std::uint64_t arrayBytes = std::uint64_t{chip.rows} * chip.columns / 8;
        const auto arrays =
            static_cast<std::uint32_t>(std::max<std::uint64_t>(1, bytes / arrayBytes));
        const CheckPlacement placement(chip, *rows.protections[row]);
        const std::uint32_t needed =
            layOut(rows.networks[row], placement, request.memory.layout, where).imageArrays();
        const std::uint32_t there = placement.dataGeometry().arrays;
        if (needed <= arrays && needed <= there) continue;
        if (needed > arrays) {
            where.arrays = std::min(arrays, there);
            const EncodedNetwork& network = rows.networks[row];
            const NetworkShape shapes = layerShapesOf(
                network.graph(), {numberFormat(network.format().name()), network.scope()});
            where.orders = streamOrders(accountOf(accelerator, shapes), network);
        }
        if (there < std::min(arrays, needed)) {
            notes.push_back(spec.networks[row].name + ": memory '" +
                            accelerator.memories[*holder].name + "' has " + std::to_string(arrays) +
                            " arrays, a chip of the profile " + std::to_string(there) +
                            " for data: its cells stand for several");
        }
    }
    return notes;
}

}  // namespace brownout
