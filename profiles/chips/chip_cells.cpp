#include "profiles/chips/chip_cells.h"

#include "model/faults/chip_at_supply.h"

namespace brownout {

ChipCells::ChipCells(Profile profile, std::uint32_t chip, double floorVoltage,
                     std::optional<double> temperatureC)
    : profile_(std::move(profile)),
      index_(chip),
      temperatureC_(profile_.supplies().temperature(temperatureC)) {
    if (profile_.encoding() == Encoding::kCounts) return;
    chip_ = profile_.chip(chip, profile_.supplies().atReference(floorVoltage, temperatureC_));
}

std::vector<FaultyCell> ChipCells::at(double supply) const {
    if (!chip_) return profile_.counts()->cells(index_, {supply, temperatureC_}).failing;
    return cellsAt(*chip_, profile_.supplies().atReference(supply, temperatureC_));
}

std::size_t ChipCells::failingCount(double supply) const {
    if (!chip_) return at(supply).size();
    return chip_->cellsAbove(profile_.supplies().atReference(supply, temperatureC_)).size();
}

}  // namespace brownout
