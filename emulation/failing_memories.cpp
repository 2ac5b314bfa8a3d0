#include "emulation/failing_memories.h"

#include <algorithm>
#include <set>
#include <thread>

#include "base/error.h"
#include "emulation/points.h"
#include "emulation/weight_streams.h"
#include "inference/layer_shapes.h"
#include "model/accelerator/product_use.h"
#include "model/check_placement.h"
#include "model/uniform_chips.h"
#include "profiles/profile_chips.h"

namespace brownout {
namespace {

/// The chips of a profile under other numbers, so that two memories of a trial are two chips.
class ShiftedChips final : public ChipSource {
 public:
    ShiftedChips(std::shared_ptr<ChipSource> chips, std::uint32_t shift, std::uint32_t count)
        : chips_(std::move(chips)), shift_(shift), count_(count) {}

    const SramGeometry& geometry() const override { return chips_->geometry(); }
    std::shared_ptr<const FaultOverlay> faults(std::uint32_t chip,
                                               const OperatingPoint& at) override {
        return chips_->faults((chip + shift_) % count_, at);
    }

 private:
    std::shared_ptr<ChipSource> chips_;
    std::uint32_t shift_, count_;
};

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
        const bool fails = accelerator.holder(DataKind::kActivations) == i;
        found = fails && activationsFail(request) ? kActivationsDomain : "";
    }
    return found;
}

/// Returns a chip of arrays as `like` has them that holds `bytes` of data under a protection.
SramGeometry chipOf(std::uint64_t bytes, const SramGeometry& like, const Protection& protection) {
    SramGeometry data = like;
    const std::uint64_t arrayBytes = std::uint64_t{like.rows} * like.columns / 8;
    data.arrays = static_cast<std::uint32_t>(
        std::max<std::uint64_t>(1, (bytes + arrayBytes - 1) / arrayBytes));
    return CheckPlacement::chipFor(data, protection.checkBits(), protection.blockWords());
}

/// Makes the chips of the memory of activations.
std::shared_ptr<ChipSource> activationChips(const CampaignRequest& request, std::uint64_t bytes,
                                            const Protection& protection, CampaignSpec& spec) {
    if (!request.memory.profile) {
        return std::make_shared<UniformChips>(chipOf(bytes, SramGeometry{}, protection),
                                              request.seed + kActivationSeed);
    }
    const auto& own = request.accelerator->activationProfile;
    const Profile& profile = own ? *own : *request.memory.profile;
    const std::string place = profile.path().string();
    if (profile.chipCount() < spec.chips) {
        throw UsageError("chips", std::to_string(spec.chips) + "; " + place + " has " +
                                      std::to_string(profile.chipCount()));
    }
    const VoltageUnit unit = request.memory.profile->device().unit;
    if (profile.device().unit != unit) {
        throw Error(place, std::string("has its supplies in ") + nameOf(profile.device().unit) +
                               ", the profile of the weights in " + nameOf(unit));
    }
    double lowest = 0;
    for (std::uint32_t p = 0; p < spec.points.size(); ++p) {
        const OperatingPoint at = operatingPoint(spec, p);
        const double supply = at.supplyOf(kActivationsDomain);
        suppliesOf(profile, {{{supply, unit}}}, at.temperatureC);
        lowest = p == 0 ? supply : std::min(lowest, supply);
    }
    if (own) spec.activations->profile = profile.chipsFingerprint(spec.chips);
    auto chips =
        std::make_shared<ProfileChips>(profile, std::thread::hardware_concurrency() + 1, lowest);
    if (own) return chips;
    return std::make_shared<ShiftedChips>(std::move(chips), profile.chipCount() / 2,
                                          profile.chipCount());
}

}  // namespace

bool activationsFail(const CampaignRequest& request) {
    return request.accelerator &&
           std::any_of(request.accelerator->failing.begin(), request.accelerator->failing.end(),
                       [](const FailingMemories& failing) { return failing.activations; });
}

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

std::shared_ptr<ChipSource> addFailingMemories(const CampaignRequest& request, CampaignRows& rows,
                                               CampaignSpec& spec,
                                               std::vector<std::string>& notes) {
    if (!activationsFail(request)) return nullptr;
    const AcceleratorRequest& asked = *request.accelerator;
    const Accelerator& accelerator = asked.accelerator;
    const auto holder = accelerator.holder(DataKind::kActivations);
    if (!holder || accelerator.memories[*holder].isDram) {
        throw UsageError("fail", asked.path + " has no memory on the chip that holds activations");
    }
    if (holder == accelerator.holder(DataKind::kWeights)) {
        throw UsageError("fail", "memory '" + accelerator.memories[*holder].name +
                                     "' holds weights, too; expected one of their own for "
                                     "activations that fail");
    }
    const AcceleratorMemory& memory = accelerator.memories[*holder];
    const std::uint64_t bytes = shareOf(accelerator, DataKind::kActivations) / 8;
    const SramGeometry like = !request.memory.profile   ? SramGeometry{}
                              : asked.activationProfile ? asked.activationProfile->device().geometry
                                                        : request.memory.profile->device().geometry;
    const std::shared_ptr<const Protection> protection =
        makeProtection(memory.protection, like.wordBits(), asked.calibration.bits);
    requireForActivations(*protection);
    spec.activations = ActivationsSpec{};
    spec.activations->memory = memory.name;
    spec.activations->protection = memory.protection;
    const auto chips = activationChips(request, bytes, *protection, spec);
    const std::uint64_t words =
        std::min(chipOf(bytes, like, *protection).words(),
                 CheckPlacement(chips->geometry(), *protection).dataGeometry().words());
    spec.activations->words = words;

    std::vector<std::shared_ptr<const ActivationsUnderTest>> stored;
    for (std::size_t row = 0; row < rows.networks.size(); ++row) {
        const bool known = row > 0 && rows.networks[row].graph().fingerprint ==
                                          rows.networks[row - 1].graph().fingerprint;
        if (known) {
            stored.push_back(stored.back());
            continue;
        }
        const Network& graph = rows.networks[row].graph();
        const StoredActivations found = activationsToStore(graph, accelerator.array.fused);
        if (!found.complete()) {
            spec.activations->calibrationImages = asked.calibration.images;
            spec.activations->quantile = asked.calibration.quantile;
            spec.activations->bits = asked.calibration.bits;
        }
        const auto activations = std::make_shared<const StoredActivations>(
            calibrated(found, graph, rows.data[row], asked.calibration));
        const auto placement =
            std::make_shared<const ActivationPlacement>(*activations, words, like.wordBits());
        if (placement->streaming() > 0) {
            notes.push_back(spec.networks[row].name + ": " +
                            std::to_string(placement->streaming()) + " of " +
                            std::to_string(activations->tensors.size()) +
                            " tensors of activations don't fit memory '" + memory.name +
                            "' and run through it in pieces");
        }
        stored.push_back(std::make_shared<const ActivationsUnderTest>(
            ActivationsUnderTest{activations, placement, protection, request.memory.detected}));
    }

    CampaignRows split;
    std::vector<NetworkSpec> specs;
    for (std::size_t row = 0; row < rows.networks.size(); ++row) {
        for (const FailingMemories& failing : asked.failing) {
            split.addFrom(rows, row);
            split.activations.back() = stored[row];
            specs.push_back(spec.networks[row]);
            if (asked.failing.size() > 1) specs.back().name += "+" + toString(failing);
            specs.back().failing = failing;
            specs.back().arithmetic =
                makeEngine(rows.networks[row],
                           {EngineOutputs::kOwn, {}, request.exact, stored[row]->activations})
                    ->arithmetic();
        }
    }
    rows = std::move(split);
    spec.networks = std::move(specs);
    return chips;
}

}  // namespace brownout
