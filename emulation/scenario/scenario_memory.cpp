#include "emulation/scenario/scenario_memory.h"

#include "emulation/scenario/self_test.h"

namespace brownout {

Reading readingOf(const ScenarioSubject& subject, const LoadResult& load) {
    Reading reading{load.counts, 0};
    subject.task->count({subject.tested.clean, load.scores}, subject.data, 0, reading.counts);
    return reading;
}

FunctionalScenarioMemory::FunctionalScenarioMemory(const ScenarioSubject& subject,
                                                   std::shared_ptr<ChipSource> chips,
                                                   std::uint64_t seed)
    : subject_(subject), chips_(std::move(chips)), seed_(seed), engine_(subject.makeEngine()) {}

void FunctionalScenarioMemory::insert(std::uint32_t chip, const OperatingPoint& /*at*/,
                                      std::vector<std::uint32_t> canaries) {
    chip_ = chip;
    canaries_ = std::move(canaries);
    known_.clear();
}

Reading FunctionalScenarioMemory::read(const ReadingTime& time) {
    const std::pair key{time.at.supply, time.at.temperatureC};
    const auto at = known_.find(key);
    if (at != known_.end()) return at->second;
    ++made_;
    const auto faults = chips_->faults(chip_, time.at);
    if (faults->probabilistic().empty()) {
        return known_.insert({key, make(faults)}).first->second;
    }
    return make(std::make_shared<const FaultOverlay>(faults->resolved({seed_, chip_, time.load})));
}

Reading FunctionalScenarioMemory::make(std::shared_ptr<const FaultOverlay> faults) {
    const std::uint32_t failed = failingAmong(*faults, chips_->geometry(), canaries_);
    const CodedOverlay coded(std::move(faults), subject_.placement);
    Reading reading =
        readingOf(subject_, runLoad(subject_.tested, *subject_.task, coded, subject_.map,
                                    subject_.data, {0, subject_.images()}, *engine_));
    reading.failedCanaries = failed;
    return reading;
}

}  // namespace brownout
