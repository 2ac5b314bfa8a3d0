#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/chip.h"
#include "model/fault_overlay.h"
#include "profiles/profile.h"

namespace brownout {

/// One chip of a profile at one temperature, to be asked for its failing cells at any number of
/// supplies: what Profile::faultyCells gives, without drawing or reading the chip each time. Copies
/// share the chip; several threads may ask at once.
class ChipFaults {
 public:
    /// For supplies of at least `floorVoltage`. Throws as Profile::faultyCells does.
    ChipFaults(Profile profile, std::uint32_t chip, double floorVoltage,
               std::optional<double> temperatureC = {});

    const SramGeometry& geometry() const { return profile_.device().geometry; }

    /// Cells that fail at `supply` in some reads or all, none twice, and how: first those of
    /// failingCount(supply). Throws Error if the profile doesn't speak about that supply, or if it
    /// is below the floor.
    std::vector<FaultyCell> at(double supply) const;

    /// How many cells have their critical voltage above `supply`: those that fail, read noise
    /// aside.
    std::size_t failingCount(double supply) const;

    /// The same cells by word.
    FaultOverlay overlayAt(double supply) const;

 private:
    Profile profile_;
    std::uint32_t index_;
    std::optional<double> temperatureC_;
    std::shared_ptr<const Chip> chip_;  ///< null for counts, which are read at each supply
};

}  // namespace brownout
