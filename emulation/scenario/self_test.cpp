#include "emulation/scenario/self_test.h"

#include <algorithm>
#include <iterator>

namespace brownout {
namespace {

std::vector<std::uint32_t> failingAt(ChipSource& chips, const TestRange& range, double supply) {
    std::vector<std::uint32_t> cells;
    for (const FaultyCell& cell : chips.faults(range.chip, {supply, range.temperatureC})->cells()) {
        cells.push_back(cell.cell);
    }
    return cells;
}

}  // namespace

std::optional<Level> lowestFor(ChipSource& chips, const TestRange& range, const SupplyGrid& grid,
                               double rate) {
    const double most = rate * static_cast<double>(chips.geometry().cells());
    std::optional<Level> found;
    for (Level level = range.highest + 1; level-- > range.lowest;) {
        const auto faults = chips.faults(range.chip, {grid[level], range.temperatureC});
        if (static_cast<double>(faults->failingCells()) > most) break;
        found = level;
    }
    return found;
}

std::vector<std::uint32_t> marginalCells(ChipSource& chips, const TestRange& range,
                                         const SupplyGrid& grid, std::uint32_t count) {
    const std::vector<std::uint32_t> failed = failingAt(chips, range, grid[range.highest]);
    std::vector<std::uint32_t> before = failed;
    std::vector<std::uint32_t> found;
    for (Level level = range.highest; level-- > range.lowest && found.size() < count;) {
        std::vector<std::uint32_t> now = failingAt(chips, range, grid[level]);
        std::vector<std::uint32_t> first;
        std::set_difference(now.begin(), now.end(), before.begin(), before.end(),
                            std::back_inserter(first));
        first.resize(std::min<std::size_t>(first.size(), count - found.size()));
        found.insert(found.end(), first.begin(), first.end());
        before = std::move(now);
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::uint32_t failingAmong(const FaultOverlay& faults, const SramGeometry& geometry,
                           const std::vector<std::uint32_t>& cells) {
    std::uint32_t failing = 0;
    for (const std::uint32_t cell : cells) {
        const std::uint64_t word = geometry.wordOfCell(cell);
        const Word bit = Word{1} << geometry.bitOfCell(cell);
        const bool holds0 = (faults.read(word, 0) & bit) == 0;
        const bool holds1 = (faults.read(word, ~Word{0}) & bit) != 0;
        if (!holds0 || !holds1) ++failing;
    }
    return failing;
}

}  // namespace brownout
