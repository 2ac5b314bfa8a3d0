#include "model/threshold_chips.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "model/faults/chip_at_supply.h"

namespace brownout {

ThresholdChips::ThresholdChips(std::vector<std::shared_ptr<const Chip>> chips)
    : chips_(std::move(chips)) {
    if (chips_.empty()) throw Error("chips", "there is none");
    const bool alike = std::all_of(chips_.begin(), chips_.end(), [&](const auto& chip) {
        return chip->geometry() == chips_.front()->geometry();
    });
    if (!alike) throw Error("chips", "have different arrays");
}

ThresholdChips::ThresholdChips(Chip chip) : chips_{std::make_shared<const Chip>(std::move(chip))} {}

std::shared_ptr<const FaultOverlay> ThresholdChips::faults(std::uint32_t chip,
                                                           const OperatingPoint& at) {
    if (chip >= chips_.size()) {
        throw Error("chip " + std::to_string(chip),
                    "does not exist; there are " + std::to_string(chips_.size()));
    }
    if (at.temperatureC) throw Error("temperature", "chips in memory know of none");
    return std::make_shared<const FaultOverlay>(overlayAt(*chips_[chip], at.supply));
}

}  // namespace brownout
