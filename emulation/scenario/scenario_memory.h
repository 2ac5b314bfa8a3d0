#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "emulation/scenario/scenario_subject.h"
#include "model/chip_source.h"
#include "model/supply_domain.h"

namespace brownout {

/// All weights read once, and the images run with what came out.
struct Reading {
    TrialCounts counts;
    std::uint32_t failedCanaries = 0;  ///< watched cells that failed
};

/// One settled supply at which weights are to be read.
struct ReadingTime {
    OperatingPoint at;
    std::uint32_t load = 0;  ///< number of the interval, which draws cells that fail sometimes
    Picoseconds start = 0;   ///< time at which the supply is asked for, from the chip's start
};

/// The weight memory of a scenario: which chip is in it, and what its words are when they are read.
/// One thread uses one.
class ScenarioMemory {
 public:
    virtual ~ScenarioMemory() = default;

    /// Puts a chip in, settled at `at` at time 0; `canaries` are the cells that are watched.
    virtual void insert(std::uint32_t chip, const OperatingPoint& at,
                        std::vector<std::uint32_t> canaries) = 0;

    /// Asks for a supply and reads all weights once it has settled. Times must ascend.
    virtual Reading read(const ReadingTime& time) = 0;
    /// Asks for a supply without reading anything.
    virtual void move(const ReadingTime& time) = 0;
};

/// The memory model without time. A reading is a function of chip, supply and temperature unless
/// cells fail sometimes, so that a supply that comes again costs nothing: no image is run
/// twice with the same faulty codes.
class FunctionalScenarioMemory final : public ScenarioMemory {
 public:
    FunctionalScenarioMemory(const ScenarioSubject& subject, std::shared_ptr<ChipSource> chips,
                             std::uint64_t seed);

    void insert(std::uint32_t chip, const OperatingPoint& at,
                std::vector<std::uint32_t> canaries) override;
    Reading read(const ReadingTime& time) override;
    void move(const ReadingTime& /*time*/) override {}

    /// Returns how many readings were worked out, and not known from before.
    std::uint64_t readingsMade() const { return made_; }

 private:
    Reading make(std::shared_ptr<const FaultOverlay> faults);

    const ScenarioSubject& subject_;
    std::shared_ptr<ChipSource> chips_;
    std::uint64_t seed_;
    std::unique_ptr<Engine> engine_;
    std::uint32_t chip_ = 0;
    std::vector<std::uint32_t> canaries_;
    std::map<std::pair<double, std::optional<double>>, Reading> known_;  ///< by supply and °C
    std::uint64_t made_ = 0;
};

/// Makes a SystemC memory (sim/systemc_memory.h), whose supply ramps and settles in simulated time
/// while its words wait to be read; it starts settled at `initialSupply`. `subject` must outlive
/// it. A process has one. Throws Error if the chips don't fit it, or if Brownout was built without
/// SystemC.
std::unique_ptr<ScenarioMemory> systemcScenarioMemory(const ScenarioSubject& subject,
                                                      std::shared_ptr<ChipSource> chips,
                                                      std::uint64_t seed,
                                                      const SupplySettings& regulator,
                                                      double initialSupply);

/// Counts the images of a load, see Task::count, and returns it as a reading.
Reading readingOf(const ScenarioSubject& subject, const LoadResult& load);

}  // namespace brownout
