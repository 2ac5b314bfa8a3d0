#include "emulation/campaign_rows.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "emulation/network_codes.h"
#include "inference/activations/bias_correction.h"
#include "inference/engines/engine.h"
#include "inference/formats/quantizer_format.h"
#include "inference/inspect.h"
#include "model/check_placement.h"

namespace brownout {
namespace {

/// Returns the file's name without its ending, numbered where two networks share it.
std::string uniqueName(const std::filesystem::path& path, std::set<std::string>& taken) {
    const std::string stem = validUtf8(path.stem().string());
    std::string name = stem;
    for (int i = 2; !taken.insert(name).second; ++i) name = stem + "-" + std::to_string(i);
    return name;
}

/// Returns the parts of a network's cells that are to fail alone, in the order of its layers and
/// from the most significant bit down.
std::vector<SelectionSpec> partsOf(const PartsRequest& parts, const EncodedNetwork& network) {
    std::vector<SelectionSpec> layers(1);
    if (parts.byLayer) {
        layers.clear();
        for (const std::string& layer : storedLayers(network)) layers.push_back({layer, {}, 0});
    }
    if (!parts.byBit) return layers;
    std::vector<SelectionSpec> all;
    for (SelectionSpec part : layers) {
        std::uint32_t bits = 0;
        for (const StoredTensor& tensor : network.storedTensors()) {
            if (!part.layer || tensor.node == *part.layer) bits = std::max(bits, tensor.bits);
        }
        for (std::uint32_t bit = bits; bit-- > 0;) {
            part.bit = bit;
            all.push_back(part);
        }
    }
    return all;
}

}  // namespace

void CampaignRows::addFrom(const CampaignRows& rows, std::size_t from) {
    networks.push_back(rows.networks[from]);
    data.push_back(rows.data[from]);
    protections.push_back(rows.protections[from]);
    selections.push_back(rows.selections[from]);
    placements.push_back(rows.placements[from]);
    values.push_back(rows.values[from]);
}

CampaignRows encodeNetworks(const CampaignRequest& request, const std::vector<Dataset>& data,
                            CampaignSpec& spec) {
    CampaignRows rows;
    std::set<std::string> taken;
    for (std::size_t n = 0; n < request.networks.size(); ++n) {
        const NetworkRequest& asked = request.networks[n];
        const std::string path = validUtf8(asked.path.empty() ? asked.network.file : asked.path);
        const std::string name = uniqueName(path, taken);
        std::set<std::string> formats;
        for (const auto& format : asked.formats) {
            if (!formats.insert(format->name()).second) {
                throw UsageError("format", "'" + format->name() + "' appears twice");
            }
            rows.networks.emplace_back(asked.network, format, asked.store);
            if (request.biasImages > 0) {
                spec.biasImages = std::min<std::uint64_t>(request.biasImages, data[n].size());
                rows.networks.back() =
                    biasCorrected(rows.networks.back(), data[n], spec.biasImages);
            }
            rows.data.push_back(data[n]);
            rows.protections.push_back(nullptr);
            rows.selections.push_back(nullptr);
            rows.placements.emplace_back();
            rows.values.emplace_back();
            const NetworkInfo info = inspect(rows.networks.back());
            const auto quantizer = quantizerSettingsOf(*format);
            NetworkSpec network;
            network.path = path;
            network.name = asked.formats.size() > 1 ? name + "+" + format->name() : name;
            network.fingerprint = asked.network.fingerprint;
            network.format = format->name();
            network.bits = rows.networks.back().codeBits().value_or(0);
            network.quantizer = quantizer ? nameOf(*quantizer) : format->name();
            network.store = nameOf(asked.store);
            network.parameters = info.parameters;
            network.macsPerImage = info.macs;
            network.arithmetic =
                makeEngine(rows.networks.back(), {EngineOutputs::kOwn, {}, request.exact})
                    ->arithmetic();
            spec.networks.push_back(network);
        }
    }
    return rows;
}

void protectRows(const MemoryRequest& memory, const SramGeometry& chip, CampaignSpec& spec,
                 CampaignRows& rows) {
    CampaignRows protectedRows;
    std::vector<NetworkSpec> specs;
    for (std::size_t n = 0; n < rows.networks.size(); ++n) {
        for (const std::string& name : memory.protections) {
            const auto protection = protectionFor(name, chip.wordBits(), rows.networks[n]);
            const CheckPlacement placement = [&] {
                try {
                    return CheckPlacement(chip, *protection);
                } catch (const Error& error) {
                    if (!memory.profile) throw;
                    throw Error(memory.profile->path().string(), error.what());
                }
            }();
            protectedRows.addFrom(rows, n);
            protectedRows.protections.back() = protection;
            specs.push_back(spec.networks[n]);
            if (name == "none") continue;
            if (memory.protections.size() > 1) specs.back().name += "+" + name;
            specs.back().protection = ProtectionSpec{name,
                                                     chip.wordBits(),
                                                     placement.checkBits(),
                                                     placement.dataGeometry().arrays,
                                                     placement.checkArrays(),
                                                     placement.blockWords()};
        }
    }
    rows = std::move(protectedRows);
    spec.networks = std::move(specs);
}

void splitRows(const PartsRequest& parts, CampaignSpec& spec, CampaignRows& rows) {
    if (!parts.byBit && !parts.byLayer) return;
    CampaignRows split;
    std::vector<NetworkSpec> specs;
    for (std::size_t n = 0; n < rows.networks.size(); ++n) {
        for (const SelectionSpec& part : partsOf(parts, rows.networks[n])) {
            const auto selection = std::make_shared<const FaultSelection>(part, rows.networks[n]);
            split.addFrom(rows, n);
            split.selections.back() = selection;
            specs.push_back(spec.networks[n]);
            specs.back().name += "+" + describe(part);
            specs.back().selection = part;
            specs.back().selection->cells = selection->cells();
        }
    }
    rows = std::move(split);
    spec.networks = std::move(specs);
}

}  // namespace brownout
