#pragma once

#include <memory>
#include <vector>

#include "model/chip.h"
#include "model/chip_source.h"

namespace brownout {

/// Chips that are in memory as critical voltages: of a test, or of a program that makes its own.
/// They know no temperature.
class ThresholdChips final : public ChipSource {
 public:
    /// Takes chips 0, 1 and so on. Throws Error if there is none or their arrays differ.
    explicit ThresholdChips(std::vector<std::shared_ptr<const Chip>> chips);
    /// Takes chip 0, the only one.
    explicit ThresholdChips(Chip chip);

    const SramGeometry& geometry() const override { return chips_.front()->geometry(); }
    std::shared_ptr<const FaultOverlay> faults(std::uint32_t chip,
                                               const OperatingPoint& at) override;

 private:
    std::vector<std::shared_ptr<const Chip>> chips_;
};

}  // namespace brownout
