#include "emulation/placement.h"

#include <algorithm>

#include "base/error.h"
#include "emulation/network_codes.h"

namespace brownout {

std::string toString(DetectedPolicy policy) {
    return policy == DetectedPolicy::kZeroCode ? "zero-code" : "zero-weight";
}

DetectedPolicy detectedPolicyFromString(const std::string& name) {
    if (name == "zero-code") return DetectedPolicy::kZeroCode;
    if (name == "zero-weight") return DetectedPolicy::kZeroWeight;
    throw UsageError("detected words", "'" + name + "'; expected zero-code or zero-weight");
}

namespace {

/// Returns the tensors of a network as a memory sees them.
std::vector<CodeTensor> tensorsOf(const EncodedNetwork& network, const NetworkPlacement& where) {
    std::vector<CodeTensor> tensors;
    const std::vector<StoredTensor>& stored = network.storedTensors();
    std::uint32_t domain = 0;
    for (std::size_t t = 0; t < stored.size(); ++t) {
        CodeTensor tensor{stored[t].codes.size(), stored[t].bits};
        if (!where.domains.empty()) {
            // Numbered by their runs: 0 is the memory's own.
            const bool changes = t == 0 || where.domains[t] != where.domains[t - 1];
            if (changes && !where.domains[t].empty()) ++domain;
            tensor.domain = where.domains[t].empty() ? 0 : domain;
        }
        if (!where.orders.empty()) tensor.order = where.orders[t];
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

}  // namespace

MemoryMap layOut(const EncodedNetwork& network, const SramGeometry& geometry,
                 const LayoutSettings& layout, std::uint32_t blockWords) {
    return MemoryMap(geometry, tensorsOf(network, {}), layout, blockWords);
}

MemoryMap layOut(const EncodedNetwork& network, const CheckPlacement& placement,
                 const LayoutSettings& layout, const NetworkPlacement& where) {
    SramGeometry data = placement.dataGeometry();
    if (where.arrays > 0) data.arrays = std::min(data.arrays, where.arrays);
    return MemoryMap(data, tensorsOf(network, where), layout, placement.blockWords());
}

std::vector<ArrayDomain> arrayDomains(const MemoryMap& map, const NetworkPlacement& where) {
    std::vector<ArrayDomain> domains;
    const std::uint64_t perArray = map.geometry().wordsPerArray();
    for (std::size_t t = 0; t < where.domains.size(); ++t) {
        const std::string& name = where.domains[t];
        if (name.empty()) continue;
        if (map.reuse() > 1 || map.layout().offset != 0 ||
            map.layout().interleave != Interleave::kLinear) {
            throw Error("supply of " + name,
                        "layers with a supply of their own need arrays of their own: a memory that "
                        "holds the whole network (" +
                            std::to_string(map.imageArrays()) + " arrays; there are " +
                            std::to_string(map.geometry().arrays) +
                            "), no offset, and linear interleaving");
        }
        const auto [first, end] = map.wordsOf(static_cast<std::uint32_t>(t));
        const auto firstArray = static_cast<std::uint32_t>(first / perArray);
        const auto endArray = static_cast<std::uint32_t>((end + perArray - 1) / perArray);
        if (!domains.empty() && t > 0 && where.domains[t - 1] == name) {
            domains.back().arrays = endArray - domains.back().firstArray;
        } else {
            domains.push_back({name, firstArray, endArray - firstArray});
        }
    }
    return domains;
}

SramGeometry chipFor(const std::vector<EncodedNetwork>& networks,
                     const std::vector<std::string>& protections) {
    SramGeometry chip;
    for (const std::string& name : protections) {
        for (const EncodedNetwork& network : networks) {
            SramGeometry data;
            const auto protection = protectionFor(name, data.wordBits(), network);
            data.arrays =
                layOut(network, SramGeometry{}, {}, protection->blockWords()).imageArrays();
            const SramGeometry whole =
                CheckPlacement::chipFor(data, protection->checkBits(), protection->blockWords());
            chip.arrays = std::max(chip.arrays, whole.arrays);
        }
    }
    return chip;
}

std::vector<std::uint64_t> evenOffsets(std::uint64_t count, std::uint64_t words,
                                       std::uint32_t blockWords) {
    const std::uint64_t blocks = words / blockWords;
    if (count > blocks) {
        throw UsageError("offsets", std::to_string(count) + "; the memory has " +
                                        std::to_string(blocks) +
                                        (blockWords == 1 ? " words" : " blocks"));
    }
    std::vector<std::uint64_t> offsets;
    for (std::uint64_t i = 0; i < count; ++i) offsets.push_back(i * blocks / count * blockWords);
    return offsets;
}

WordAccesses accessesPerInference(const MemoryMap& map, std::uint32_t checkBits) {
    const std::uint64_t words = map.imageWords();
    return {words, map.reuse() > 1 ? words : 0,
            words * map.geometry().wordBits() + words / map.blockWords() * checkBits};
}

}  // namespace brownout
