#pragma once

#include <optional>
#include <vector>

#include "emulation/scenario/scenario.h"
#include "emulation/statistics.h"

namespace brownout {

/// The least, the mean and the most of something over chips.
struct Spread {
    double least = 0;
    double mean = 0;
    double most = 0;
};

/// An interval over all chips.
struct IntervalSummary {
    Spread supply;                  ///< unit of the profile
    std::uint64_t reading = 0;      ///< chips whose weights were read
    std::optional<Estimate> error;  ///< share of wrong images; absent where no chip read
    double worstError = 0;          ///< error of the worst chip
    // Words of one reading, means over the chips that read.
    double corrected = 0;     ///< words that were corrected, rightly
    double detected = 0;      ///< words with an error that can't be corrected
    double miscorrected = 0;  ///< words corrected to wrong data
    double silent = 0;        ///< wrong words taken for right
    double energyJ = 0;       ///< mean energy of a chip
    double powerW = 0;        ///< the same by the length of the interval
};

/// A chip over the whole trace.
struct ChipSummary {
    std::uint32_t chip = 0;
    Spread supply;                     ///< weighted by time
    std::optional<double> error;       ///< mean over the inferences that were made
    std::optional<double> worstError;  ///< error in the worst interval
    double harm = 0;                   ///< share of images that faults made wrong, mean likewise
    std::uint64_t intervalsBelow = 0;  ///< intervals in which more accuracy was lost than allowed
    double inferences = 0;             ///< inferences that were made
    double missed = 0;                 ///< inferences whose supply didn't settle in time
    double inferencesBelow = 0;        ///< inferences made in those intervals
    double transitionS = 0;            ///< time in which the supply moved or settled
    std::uint64_t moves = 0;           ///< changes of the supply
    ScenarioEnergy energy;
    double guardBandJ = 0;
    /// Share of the guard band's energy that is saved; absent without energies.
    std::optional<double> saving;
};

/// A scenario in figures: interval by interval, chip by chip, and over all chips.
struct ScenarioSummary {
    double cleanError = 0;
    double allowedError = 0;  ///< error without faults, and the accuracy that may be lost
    std::vector<IntervalSummary> intervals;
    std::vector<ChipSummary> chips;
    std::optional<Estimate> saving;  ///< over chips; absent without energies
    std::optional<Estimate> error;   ///< mean over chips of the means over their inferences
    Estimate energyJ;
    std::vector<std::uint32_t> chipsBelow;  ///< chips that lost more accuracy than allowed
};

/// Sums a scenario up. `drop` is the accuracy that may be lost, a share of the images. The unit of
/// replication is the chip; intervals are those of chip_interval.h.
ScenarioSummary summarize(const ScenarioResult& result, double drop);

}  // namespace brownout
