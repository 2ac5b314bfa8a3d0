#include "emulation/placement.h"

#include <algorithm>

#include "base/error.h"

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
                 const LayoutSettings& layout) {
    std::vector<CodeTensor> tensors;
    for (const StoredTensor& tensor : network.storedTensors()) {
        tensors.push_back({tensor.codes.size(), tensor.bits});
    }
    return MemoryMap(geometry, std::move(tensors), layout);
}

SramGeometry chipFor(const std::vector<EncodedNetwork>& networks,
                     const std::vector<std::string>& protections) {
    SramGeometry data;
    for (const EncodedNetwork& network : networks) {
        data.arrays = std::max(data.arrays, layOut(network, SramGeometry{}, {}).imageArrays());
    }
    SramGeometry chip = data;
    for (const std::string& name : protections) {
        const std::uint32_t checkBits = makeCodec(name, data.wordBits())->checkBits();
        chip.arrays = std::max(chip.arrays, CheckPlacement::chipFor(data, checkBits).arrays);
    }
    return chip;
}

std::vector<std::uint64_t> evenOffsets(std::uint64_t count, std::uint64_t words) {
    if (count > words) {
        throw UsageError("offsets", std::to_string(count) + "; the memory has " +
                                        std::to_string(words) + " words");
    }
    std::vector<std::uint64_t> offsets;
    for (std::uint64_t i = 0; i < count; ++i) offsets.push_back(i * words / count);
    return offsets;
}

WordAccesses accessesPerInference(const MemoryMap& map, std::uint32_t checkBits) {
    const std::uint64_t words = map.imageWords();
    return {words, map.reuse() > 1 ? words : 0, words * (map.geometry().wordBits() + checkBits)};
}

}  // namespace brownout
