#pragma once

#include <cstdint>
#include <memory>

#include "model/chip_source.h"

namespace brownout {

/// Chips with uniformly distributed faults, flipping cells, in arrays of one's own choice.
///
/// The `supply` of their operating points is the bit error rate, in [0, 1]; they know no voltage
/// and no temperature. Here alone nesting runs upwards: what fails at a rate fails at every higher
/// one. Words are drawn directly, no cells are listed.
class UniformChips final : public ChipSource {
 public:
    /// Makes chips of any number, which are pure functions of (seed, chip).
    UniformChips(const SramGeometry& geometry, std::uint64_t seed)
        : geometry_(geometry), seed_(seed) {}

    const SramGeometry& geometry() const override { return geometry_; }
    std::shared_ptr<const FaultOverlay> faults(std::uint32_t chip,
                                               const OperatingPoint& at) override;

 private:
    SramGeometry geometry_;
    std::uint64_t seed_;
};

}  // namespace brownout
