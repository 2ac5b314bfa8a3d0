#include <algorithm>

#include "emulation/scenario/scenario_memory.h"
#include "emulation/scenario/self_test.h"
#include "sim/systemc_memory.h"

namespace brownout {
namespace {

/// The SystemC memory as a trial uses a memory, at the time of an interval: the supply is asked for
/// and words are read at once, so that the first of them wait until it has settled. Weights are
/// written when they aren't there already, which is once where the network fits.
class TimedMemory final : public WeightMemory {
 public:
    explicit TimedMemory(SystemCMemory& memory) : memory_(memory), content_(memory.words(), 0) {}

    /// Sets the simulated time of the next setSupply.
    void setTime(Picoseconds time) { time_ = time; }

    std::uint64_t words() const override { return memory_.words(); }
    const Protection& protection() const override { return memory_.protection(); }
    void setSupply(const OperatingPoint& at) override { memory_.requestSupply(at, time_); }
    void write(std::uint64_t first, Span<const Word> words) override {
        checkAccess(first, words.size(), 0);
        const auto there = content_.begin() + static_cast<std::ptrdiff_t>(first);
        if (std::equal(words.begin(), words.end(), there)) return;
        std::copy(words.begin(), words.end(), there);
        memory_.write(first, words);
    }
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override {
        memory_.read(first, words, statuses);
    }

 private:
    SystemCMemory& memory_;
    std::vector<Word> content_;  ///< words that were written last
    Picoseconds time_ = 0;
};

class SystemCScenarioMemory final : public ScenarioMemory {
 public:
    SystemCScenarioMemory(const ScenarioSubject& subject, std::shared_ptr<ChipSource> chips,
                          std::uint64_t seed, const SupplySettings& regulator, double initialSupply)
        : subject_(subject), seed_(seed), engine_(subject.makeEngine()) {
        SimulatedMemorySettings settings;
        settings.chips = std::move(chips);
        settings.protection = subject.protection;
        settings.initialSupply = initialSupply;
        settings.supply = regulator;
        memory_ = std::make_unique<SystemCMemory>(kernel_, settings);
        auto timed = std::make_unique<TimedMemory>(*memory_);
        timed_ = timed.get();
        port_ = {std::move(timed), memory_.get()};
    }

    void insert(std::uint32_t chip, const OperatingPoint& at,
                std::vector<std::uint32_t> canaries) override {
        chip_ = chip;
        canaries_ = std::move(canaries);
        memory_->insert({seed_, chip_, 0});
        memory_->setSupply(at);
        start_ = *memory_->activity().time;
    }

    Reading read(const ReadingTime& time) override {
        timed_->setTime(start_ + time.start);
        Reading reading =
            readingOf(subject_, runLoadThrough(port_, {seed_, chip_, time.load}, time.at,
                                               subject_.tested, *subject_.task, subject_.map,
                                               subject_.data, {0, subject_.images()}, *engine_));
        reading.failedCanaries = failingAmong(*memory_->faults(), memory_->geometry(), canaries_);
        return reading;
    }

    void move(const ReadingTime& time) override {
        memory_->insert({seed_, chip_, time.load});
        memory_->requestSupply(time.at, start_ + time.start);
    }

 private:
    const ScenarioSubject& subject_;
    std::uint64_t seed_;
    SimulationKernel kernel_;
    std::unique_ptr<SystemCMemory> memory_;
    CampaignMemory port_;
    TimedMemory* timed_ = nullptr;
    std::unique_ptr<Engine> engine_;
    std::uint32_t chip_ = 0;
    std::vector<std::uint32_t> canaries_;
    Picoseconds start_ = 0;  ///< simulated time at which the chip's own begins
};

}  // namespace

std::unique_ptr<ScenarioMemory> systemcScenarioMemory(const ScenarioSubject& subject,
                                                      std::shared_ptr<ChipSource> chips,
                                                      std::uint64_t seed,
                                                      const SupplySettings& regulator,
                                                      double initialSupply) {
    return std::make_unique<SystemCScenarioMemory>(subject, std::move(chips), seed, regulator,
                                                   initialSupply);
}

}  // namespace brownout
