#include "emulation/fault_source.h"

#include <algorithm>

#include "model/uniform_field.h"

namespace brownout {

struct ProfileFaults::Kept {
    explicit Kept(std::uint32_t number) : index(number) {}
    std::uint32_t index;
    std::mutex making;
    std::shared_ptr<const ChipFaults> chip;  ///< null until made
};

ProfileFaults::ProfileFaults(Profile profile, std::vector<double> supplies, std::size_t kept,
                             std::optional<double> temperatureC)
    : profile_(std::move(profile)),
      supplies_(std::move(supplies)),
      temperatureC_(temperatureC),
      lowest_(*std::min_element(supplies_.begin(), supplies_.end())),
      most_(std::max<std::size_t>(kept, 1)) {}

FaultOverlay ProfileFaults::faultsAt(std::uint32_t chip, std::uint32_t point) {
    return this->chip(chip)->overlayAt(supplies_[point]);
}

std::shared_ptr<const ChipFaults> ProfileFaults::chip(std::uint32_t index) {
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
    if (!entry->chip) {
        entry->chip = std::make_shared<const ChipFaults>(profile_, index, lowest_, temperatureC_);
    }
    return entry->chip;
}

UniformFaults::UniformFaults(const SramGeometry& geometry, std::uint64_t seed,
                             std::vector<double> rates)
    : geometry_(geometry), seed_(seed), rates_(std::move(rates)) {}

FaultOverlay UniformFaults::faultsAt(std::uint32_t chip, std::uint32_t point) {
    return FaultOverlay::uniform(geometry_, UniformField(seed_, chip), rates_[point]);
}

}  // namespace brownout
