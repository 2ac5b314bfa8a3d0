#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/chip.h"
#include "profiles/profile.h"

namespace brownout {

/// One chip of a profile at one temperature, whose failing cells statistics list at any number of
/// supplies. Programs ask ProfileChips. Copying it copies the cells.
class ChipCells {
 public:
    /// Reads or draws the chip as far as supplies of at least `floorVoltage` are concerned. Throws
    /// Error naming the file.
    ChipCells(Profile profile, std::uint32_t chip, double floorVoltage,
              std::optional<double> temperatureC = {});

    /// Returns the cells that fail at `supply` in some reads or all, none twice: first those that
    /// failingCount(supply) counts. Throws Error if the profile doesn't speak about that supply, or
    /// if it is below the floor.
    std::vector<FaultyCell> at(double supply) const;

    /// Returns how many cells have their critical voltage above `supply`: those that fail, read
    /// noise aside.
    std::size_t failingCount(double supply) const;

 private:
    Profile profile_;
    std::uint32_t index_;
    std::optional<double> temperatureC_;
    std::optional<Chip> chip_;  ///< absent for counts, which are read at each supply
};

}  // namespace brownout
