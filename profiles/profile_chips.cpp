#include "profiles/profile_chips.h"

#include <algorithm>

#include "model/faults/chip_at_supply.h"

namespace brownout {

struct ProfileChips::Kept {
    explicit Kept(std::uint32_t number) : index(number) {}
    std::uint32_t index;
    std::mutex making;
    std::shared_ptr<const Chip> chip;  ///< null until made
    double floor = 0;                  ///< supply at the reference temperature it is known down to
};

ProfileChips::ProfileChips(Profile profile, std::size_t kept, std::optional<double> lowestSupply)
    : profile_(std::move(profile)),
      most_(std::max<std::size_t>(kept, 1)),
      lowestSupply_(lowestSupply) {}

std::shared_ptr<const FaultOverlay> ProfileChips::faults(std::uint32_t chip,
                                                         const OperatingPoint& at) {
    if (profile_.encoding() == Encoding::kCounts) {
        return std::make_shared<const FaultOverlay>(geometry(),
                                                    profile_.counts()->cells(chip, at).failing);
    }
    const std::optional<double> celsius = profile_.supplies().temperature(at.temperatureC);
    const double supply = profile_.supplies().atReference(at.supply, celsius);
    // At another temperature the lowest supply that is expected may be below what the profile
    // knows.
    double lowest = supply;
    if (lowestSupply_) {
        const double expected = profile_.supplies().atReference(*lowestSupply_, celsius);
        lowest = std::min(supply, std::max(expected, profile_.supplies().lowest()));
    }
    return std::make_shared<const FaultOverlay>(overlayAt(*this->chip(chip, lowest), supply));
}

std::shared_ptr<const Chip> ProfileChips::chip(std::uint32_t index, double supply) {
    std::shared_ptr<Kept> entry;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        const auto at = std::find_if(kept_.begin(), kept_.end(),
                                     [=](const auto& kept) { return kept->index == index; });
        if (at != kept_.end()) {
            kept_.splice(kept_.begin(), kept_, at);
        } else {
            kept_.push_front(std::make_shared<Kept>(index));
            if (kept_.size() > most_) kept_.pop_back();
        }
        entry = kept_.front();
    }
    // Others may look for other chips while this one is made; those who want it wait.
    const std::lock_guard<std::mutex> lock(entry->making);
    if (!entry->chip || supply < entry->floor) {
        entry->chip = std::make_shared<const Chip>(profile_.chip(index, supply));
        entry->floor = supply;
    }
    return entry->chip;
}

}  // namespace brownout
