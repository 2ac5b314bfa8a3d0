#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "emulation/campaign_spec.h"
#include "inference/formats/encoded_network.h"
#include "model/word_codes.h"

namespace brownout {

/// The cells of a network that a selection names, by image word. Check bits and spare cells are
/// never among them.
class FaultSelection {
 public:
    /// Finds the tensors of the selection's layer. Throws Error if the network has no such layer,
    /// or no code with such a bit.
    FaultSelection(const SelectionSpec& selection, const EncodedNetwork& network);

    /// Returns a mask of the selected cells of a word that holds `codes`.
    Word maskOf(const WordCodes& codes) const;
    /// Returns the number of selected cells.
    std::uint64_t cells() const { return cells_; }

 private:
    std::vector<bool> tensors_;  ///< whether a stored tensor is selected
    std::optional<std::uint32_t> bit_;
    std::uint64_t cells_ = 0;
};

/// Returns the nodes of a network that read stored tensors, in the order of the tensors.
std::vector<std::string> storedLayers(const EncodedNetwork& network);

}  // namespace brownout
