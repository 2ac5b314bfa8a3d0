#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulation/request.h"
#include "emulation/scenario/regulator.h"
#include "emulation/scenario/trace.h"
#include "emulation/trial_counts.h"

namespace brownout {

/// The policy that sets the supply, and what it needs to know.
struct PolicyRequest {
    std::string name = "fixed";  ///< "fixed", "table", "canary" or "ecc"
    /// Share of failing cells that the supply found by a self test may have (table, canary).
    double rate = 1e-4;
    /// Temperatures of the self test, °C; empty: that of the beginning of the trace. A canary
    /// policy uses the first.
    std::vector<double> testTemperaturesC;
    /// Measurement of the same chips that the table is made from; absent: a self test.
    std::optional<Profile> measured;
    std::uint32_t canaries = 8;  ///< cells that are watched
    /// Distance above the supply found by the self test at which all watched cells still hold, unit
    /// of the profile.
    double margin = 0.01;
    std::uint64_t budget = 8;     ///< corrected words of a reading that are tolerated (ecc)
    std::uint32_t patience = 10;  ///< see Hunt
};

/// A scenario as a user asks for it.
struct ScenarioRequest {
    NetworkRequest network;  ///< in one number format
    std::optional<Dataset> data;
    MemoryRequest memory;  ///< with a profile and one protection; its temperature is the trace's
    Trace trace;
    double intervalS = 1;              ///< time between two decisions
    std::optional<Voltage> guardBand;  ///< highest supply; absent: the reference of the energies
    std::optional<double> vminV;       ///< Vmin in volts, where the profile doesn't say
    RegulatorSettings regulator;
    PolicyRequest policy;
    std::uint32_t chips = 10;
    std::uint64_t seed = 1;
    double drop = 0.01;  ///< accuracy that may be lost, a share of the images
    /// Accelerator whose energy an inference takes; absent: accesses to the weight memory alone.
    std::optional<AcceleratorRequest> accelerator;
    /// Memory that words are read from: "functional" or "systemc".
    std::string memoryKind = "functional";
};

/// A time between two decisions, the same for all chips.
struct ScenarioInterval {
    Picoseconds start = 0;
    Picoseconds end = 0;
    std::optional<double> temperatureC;
    double load = 1;
    double inferences = 0;  ///< inferences that are demanded
    Level lowest = 0;       ///< lowest supply that the profile knows about here
    Level highest = 0;      ///< highest supply that is allowed
};

/// Energy of a chip in an interval, or in all, J.
struct ScenarioEnergy {
    double accessJ = 0;      ///< accesses; with an accelerator, all that inferences switch
    double leakageJ = 0;     ///< leakage, through ramps, too
    double transitionJ = 0;  ///< moves of the supply

    double totalJ() const { return accessJ + leakageJ + transitionJ; }
    void operator+=(const ScenarioEnergy& more);
};

/// Words and images of one reading of all weights.
struct ReadingCounts {
    std::uint64_t wordsRead = 0;
    std::uint64_t corrected = 0;     ///< words that the protection corrected, rightly
    std::uint64_t detected = 0;      ///< words with an error seen that can't be corrected
    std::uint64_t miscorrected = 0;  ///< words "corrected" to other data than were written
    std::uint64_t silent = 0;        ///< wrong words that were taken for right
    std::uint64_t wrong = 0;         ///< images that the network gets wrong
    std::uint64_t wrongEither = 0;   ///< images that it gets wrong with or without faults
};

/// State of one chip in one interval.
struct IntervalResult {
    Level level = 0;
    Picoseconds ready = 0;  ///< time from which the supply is settled
    /// Counts of a reading, which all inferences of the interval share; absent where nothing was
    /// read: without inferences, or where the supply didn't settle in time.
    std::optional<ReadingCounts> counts;
    std::uint32_t failedCanaries = 0;
    ScenarioEnergy energy;
};

/// One chip through the whole trace.
struct ChipScenario {
    std::uint32_t chip = 0;
    std::vector<IntervalResult> intervals;
    ScenarioEnergy energy;
    double guardBandJ = 0;                     ///< energy that the chip takes at the guard band
    std::vector<std::uint32_t> canaries = {};  ///< cells that were watched
};

/// A finished scenario.
struct ScenarioResult {
    std::vector<double> supplies;  ///< supply of each level, unit of the profile
    std::vector<ScenarioInterval> intervals;
    std::vector<ChipScenario> chips;
    std::uint64_t images = 0;
    std::uint64_t wrongClean = 0;  ///< images that the network gets wrong without faults
    bool hasEnergy = false;        ///< false where the profile has no energies
    bool hasLeakage = false;
};

/// A scenario made ready: every input read and checked, nothing run yet.
class Scenario {
 public:
    /// Resolves a request. Throws UsageError, its place the name of the wrong member as the command
    /// line spells it ("interval", "step", "policy"), and Error where a file is wrong or things
    /// don't fit together.
    explicit Scenario(ScenarioRequest request);
    Scenario(Scenario&&) noexcept;
    ~Scenario();

    const ScenarioRequest& request() const;
    /// Returns what a user should know before trusting the results, a line each.
    const std::vector<std::string>& warnings() const;
    const std::vector<ScenarioInterval>& intervals() const;

    /// Runs all chips on `threads` threads, and calls `done` from any of them after each interval
    /// of each chip. A chip is a pure function of the request, so results don't depend on threads.
    /// The SystemC memory has one thread.
    ScenarioResult run(unsigned threads, const std::function<void()>& done) const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace brownout
