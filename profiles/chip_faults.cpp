#include "profiles/chip_faults.h"

namespace brownout {

ChipFaults::ChipFaults(Profile profile, std::uint32_t chip, double floorVoltage,
                       std::optional<double> temperatureC)
    : profile_(std::move(profile)),
      index_(chip),
      temperatureC_(profile_.temperature(temperatureC)) {
    if (profile_.encoding() == Encoding::kCounts) return;
    const double floor = profile_.atReference(floorVoltage, temperatureC_);
    chip_ = std::make_shared<const Chip>(profile_.chip(chip, floor));
}

std::vector<FaultyCell> ChipFaults::at(double supply) const {
    if (!chip_) return profile_.measuredCells(index_, {supply, temperatureC_}).failing;
    return chip_->faultsAt(profile_.atReference(supply, temperatureC_));
}

std::size_t ChipFaults::failingCount(double supply) const {
    if (!chip_) return at(supply).size();
    return chip_->failingAt(profile_.atReference(supply, temperatureC_)).size();
}

FaultOverlay ChipFaults::overlayAt(double supply) const {
    if (!chip_) return FaultOverlay(geometry(), at(supply));
    return FaultOverlay(*chip_, profile_.atReference(supply, temperatureC_));
}

}  // namespace brownout
