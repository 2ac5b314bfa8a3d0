#pragma once

#include <cstdint>
#include <memory>

#include "model/fault_overlay.h"
#include "model/geometry.h"
#include "model/operating_point.h"

namespace brownout {

/// Where chips come from: thresholds, counts or a recipe of a profile, or a uniform rate. The one
/// way to ask for the faults of a chip. Safe to use from several threads.
class ChipSource {
 public:
    virtual ~ChipSource() = default;

    /// Returns the arrays of every chip.
    virtual const SramGeometry& geometry() const = 0;

    /// Returns the faults of chip `chip` at an operating point, by word; the outcome of cells that
    /// fail in some reads only is not drawn yet (FaultOverlay::resolved does that). Nested: what
    /// fails at a supply fails at every lower one. Throws Error where nothing is known about that
    /// chip or point.
    virtual std::shared_ptr<const FaultOverlay> faults(std::uint32_t chip,
                                                       const OperatingPoint& at) = 0;
};

}  // namespace brownout
