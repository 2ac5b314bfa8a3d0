#pragma once

#include <cstdint>
#include <vector>

#include "model/fault_overlay.h"
#include "model/memory_map.h"

namespace brownout {

/// A code whose cells don't all read as they are stored.
///
/// Each cell fails by itself, so that two readings say everything: a bit that is 1 in `zeros` is
/// never read as a stored 0, and one that is 0 in `ones` never as a stored 1.
struct FaultyCode {
    std::uint32_t tensor = 0;   ///< index into storedTensors()
    std::uint64_t element = 0;  ///< number within the tensor
    Code zeros = 0;             ///< reading where all bits of the code are stored as 0
    Code ones = 0;              ///< reading where they are stored as 1

    /// Returns what a stored code is read as.
    Code read(Code stored) const { return (stored & ones) | (~stored & zeros); }
};

/// Returns the codes of a network that faults reach where the network lies as `map` says, ascending
/// by tensor and element. `faults` must have its probabilistic cells drawn; those not drawn don't
/// fail. These are the faults that a campaign's trial injects into an unprotected network.
std::vector<FaultyCode> faultyCodes(const FaultOverlay& faults, const MemoryMap& map);

}  // namespace brownout
