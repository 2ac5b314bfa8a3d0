#include "emulation/fault_selection.h"

#include <algorithm>

#include "base/error.h"

namespace brownout {

FaultSelection::FaultSelection(const SelectionSpec& selection, const EncodedNetwork& network)
    : bit_(selection.bit) {
    bool found = false;
    for (const StoredTensor& tensor : network.storedTensors()) {
        const bool layer = !selection.layer || tensor.node == *selection.layer;
        found |= layer;
        tensors_.push_back(layer && (!bit_ || *bit_ < tensor.bits));
        if (tensors_.back()) cells_ += tensor.codes.size() * (bit_ ? 1 : tensor.bits);
    }
    if (!found) throw Error("layer " + *selection.layer, "stores no weights");
    if (cells_ == 0) throw Error(describe(selection), "no code has such a bit");
}

Word FaultSelection::maskOf(const WordCodes& codes) const {
    if (codes.count == 0 || !tensors_[codes.tensor]) return 0;
    const Word place = bit_ ? Word{1} << *bit_ : codes.codeMask();
    Word mask = 0;
    for (std::uint32_t slot = 0; slot < codes.count; ++slot) mask |= place << codes.shiftOf(slot);
    return mask;
}

std::vector<std::string> storedLayers(const EncodedNetwork& network) {
    std::vector<std::string> layers;
    for (const StoredTensor& tensor : network.storedTensors()) {
        if (std::find(layers.begin(), layers.end(), tensor.node) == layers.end()) {
            layers.push_back(tensor.node);
        }
    }
    return layers;
}

}  // namespace brownout
