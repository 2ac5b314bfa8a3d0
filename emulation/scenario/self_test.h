#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "emulation/scenario/regulator.h"
#include "model/chip_source.h"

namespace brownout {

// The self test of a chip before it runs: a March test at one supply after the other, from the
// highest downwards, writes and reads every cell with both values and so finds the cells that fail
// there. A cell that fails in some reads only counts as failing, as it does for a tester that reads
// often enough.

/// The part of a grid of supplies that a test may visit at a temperature.
struct TestRange {
    std::uint32_t chip = 0;
    std::optional<double> temperatureC;
    Level lowest = 0;
    Level highest = 0;
};

/// Returns the lowest supply at which, as at every higher one of the range, at most the share
/// `rate` of the cells fails; nothing if more do at the highest one. Throws as ChipSource::faults
/// does.
std::optional<Level> lowestFor(ChipSource& chips, const TestRange& range, const SupplyGrid& grid,
                               double rate);

/// Returns the `count` most marginal cells that still hold at the highest supply of the range:
/// those that fail first as the supply falls, of equals the ones with the lowest numbers, as far as
/// there are so many; ascending. These are what a canary controller watches.
std::vector<std::uint32_t> marginalCells(ChipSource& chips, const TestRange& range,
                                         const SupplyGrid& grid, std::uint32_t count);

/// Returns how many of some cells (ascending) fail in a reading: `faults` must have its
/// probabilistic cells drawn.
std::uint32_t failingAmong(const FaultOverlay& faults, const SramGeometry& geometry,
                           const std::vector<std::uint32_t>& cells);

}  // namespace brownout
