#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/chip_source.h"

namespace brownout {

/// A supply domain of a chip: a named set of its arrays.
struct ArrayDomain {
    std::string name;              ///< name of the domain, as in OperatingPoint::domains
    std::uint32_t firstArray = 0;  ///< arrays [firstArray, firstArray + arrays)
    std::uint32_t arrays = 0;
};

/// Returns the faults of a chip whose arrays hang on several supplies: those of each domain as
/// `chips` gives them at that domain's supply, all others at `at.supply`. Throws Error as `chips`
/// does, or if the domains overlap or name arrays that aren't there.
std::shared_ptr<const FaultOverlay> faultsByDomain(ChipSource& chips, std::uint32_t chip,
                                                   const OperatingPoint& at,
                                                   Span<const ArrayDomain> domains);

/// The chips of a source as a memory has them in its socket, with the outcome of probabilistic
/// cells drawn. Keeps the last one: asks the source anew where chip or operating point change, and
/// draws anew where the load does.
class DrawnChips {
 public:
    explicit DrawnChips(std::shared_ptr<ChipSource> chips, std::vector<ArrayDomain> domains = {});

    /// Returns all arrays of a chip.
    const SramGeometry& geometry() const { return chips_->geometry(); }

    /// Returns the faults of chip `load.chip` at an operating point, drawn for a load. Throws Error
    /// as faultsByDomain does.
    std::shared_ptr<const FaultOverlay> faults(const LoadId& load, const OperatingPoint& at);

 private:
    std::shared_ptr<ChipSource> chips_;
    std::vector<ArrayDomain> domains_;
    LoadId load_;
    std::optional<OperatingPoint> at_;             ///< point that the faults below are for
    std::shared_ptr<const FaultOverlay> undrawn_;  ///< faults as the source gave them
    std::shared_ptr<const FaultOverlay> drawn_;
};

}  // namespace brownout
