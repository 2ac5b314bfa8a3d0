#pragma once

#include <memory>

#include "model/fault_overlay.h"
#include "model/geometry.h"

namespace brownout {

/// The socket of a simulated memory: says which chip is in it, and knows that chip's faults.
/// Neither is something that a memory's port could do or show, so silicon has none.
class ChipSocket {
 public:
    virtual ~ChipSocket() = default;

    /// Returns all arrays of a chip, those of check bits included.
    virtual const SramGeometry& geometry() const = 0;

    /// Puts chip `load.chip` into the socket, with the outcome of its probabilistic cells as `load`
    /// draws it. Acts from the next setSupply of the memory on.
    virtual void insert(const LoadId& load) = 0;

    /// Returns the faults that act now, over the physical words of all arrays; none before the
    /// first setSupply.
    virtual std::shared_ptr<const FaultOverlay> faults() const = 0;
};

}  // namespace brownout
