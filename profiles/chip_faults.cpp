#include "profiles/chip_faults.h"

namespace brownout {

ChipFaults::ChipFaults(Profile profile, std::uint32_t chip, double floorVoltage,
                       std::optional<double> temperatureC)
    : profile_(std::move(profile)), index_(chip), temperatureC_(temperatureC) {
    profile_.temperature(temperatureC_);
    if (profile_.encoding() == Encoding::kCounts) return;
    chip_ = std::make_shared<const Chip>(profile_.chip(chip, floorVoltage));
}

std::vector<FaultyCell> ChipFaults::at(double supply) const {
    if (!chip_) return profile_.faultyCells(index_, {supply, temperatureC_});
    return chip_->faultsAt(supply);
}

}  // namespace brownout
