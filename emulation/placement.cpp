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

MemoryMap layOut(const EncodedNetwork& network, const SramGeometry& geometry,
                 const LayoutSettings& layout, std::uint32_t blockWords) {
    std::vector<CodeTensor> tensors;
    for (const StoredTensor& tensor : network.storedTensors()) {
        tensors.push_back({tensor.codes.size(), tensor.bits});
    }
    return MemoryMap(geometry, std::move(tensors), layout, blockWords);
}

MemoryMap layOut(const EncodedNetwork& network, const CheckPlacement& placement,
                 const LayoutSettings& layout) {
    return layOut(network, placement.dataGeometry(), layout, placement.blockWords());
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
