#pragma once

#include <vector>

#include "model/chip.h"
#include "model/fault_overlay.h"

namespace brownout {

/// Checks that a chip knows `supply`. Throws Error if it is below `lowest`, the lowest supply that
/// the chip knows.
void requireKnown(double lowest, double supply);

/// Returns the cells that fail at `supply` in some reads or all, highest critical voltage first,
/// with the probabilities they have there: read noise lowers those of cells near the supply. Throws
/// Error if `supply` is below the floor plus the reach of the noise, where cells are missing.
std::vector<FaultyCell> cellsAt(const Chip& chip, double supply);

/// Returns the cells that fail at `supply`, as cellsAt gives them, by word. Without read noise no
/// list is made in between.
FaultOverlay overlayAt(const Chip& chip, double supply);

}  // namespace brownout
