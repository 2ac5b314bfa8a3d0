#include "model/faults/chip_at_supply.h"

#include <cmath>
#include <sstream>

#include "base/error.h"
#include "base/portable_math.h"

namespace brownout {

void requireKnown(double lowest, double supply) {
    if (supply >= lowest) return;  // false for NaN
    std::ostringstream text;
    text << supply << " is below the lowest voltage the profile knows, " << lowest;
    throw Error("voltage", text.str());
}

std::vector<FaultyCell> cellsAt(const Chip& chip, double supply) {
    if (chip.readNoise() == 0) {
        const auto failing = chip.cellsAbove(supply);
        return {failing.begin(), failing.end()};
    }
    const double reach = kReadNoiseReach * chip.readNoise();
    // A little tolerance: the floor was computed as a supply less the reach.
    requireKnown(chip.floorVoltage() + reach - 1e-9 * std::fabs(supply), supply);
    std::vector<FaultyCell> cells;
    for (const FaultyCell& cell : chip.cells()) {
        const double above = static_cast<double>(cell.criticalVoltage) - supply;
        if (above <= -reach) break;
        cells.push_back(cell);
        if (above >= reach) continue;
        const double share = 0.5 * portableErfc(-above / chip.readNoise() / std::sqrt(2.0));
        cells.back().p01 = static_cast<float>(share * static_cast<double>(cell.p01));
        cells.back().p10 = static_cast<float>(share * static_cast<double>(cell.p10));
    }
    return cells;
}

FaultOverlay overlayAt(const Chip& chip, double supply) {
    const Span<const FaultyCell> failing = chip.cellsAbove(supply);
    if (chip.readNoise() == 0) return FaultOverlay(chip.geometry(), failing);
    return FaultOverlay(chip.geometry(), cellsAt(chip, supply), failing.size());
}

}  // namespace brownout
