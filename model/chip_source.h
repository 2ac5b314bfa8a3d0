#pragma once

#include <cstdint>
#include <memory>

#include "model/fault_overlay.h"
#include "model/geometry.h"
#include "model/operating_point.h"

namespace brownout {

/// The place where chips come from, and the one way to ask for the faults of a chip: the chips of a
/// profile (profiles/profile_chips.h), of a uniform rate (uniform_chips.h), or of one's own
/// (threshold_chips.h). Safe to use from several threads.
class ChipSource {
 public:
    virtual ~ChipSource() = default;

    /// Returns the arrays of every chip.
    virtual const SramGeometry& geometry() const = 0;

    /// Returns the faults of chip `chip` at the supply and temperature of an operating point, by
    /// word (FaultOverlay::cells lists cells); the outcome of cells that fail in some reads only is
    /// not drawn yet (FaultOverlay::resolved does that). Nested: what fails at a supply fails at
    /// every lower one. Supplies of domains are no business of a chip's: a memory whose arrays have
    /// several asks once for each. Throws Error where nothing is known about that chip or point.
    virtual std::shared_ptr<const FaultOverlay> faults(std::uint32_t chip,
                                                       const OperatingPoint& at) = 0;
};

}  // namespace brownout
