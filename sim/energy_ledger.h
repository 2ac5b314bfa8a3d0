#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/energy_model.h"
#include "model/supply_domain.h"
#include "sim/statistic.h"

namespace brownout {

/// The activity of a memory while one supply was asked for, its ramp included.
struct SupplyInterval {
    double supply = 0;
    Picoseconds start = 0;  ///< start of the ramp
    Picoseconds end = 0;    ///< end of the interval, or the present in the last one
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::uint64_t corrected = 0;     ///< words read in which an error was corrected
    std::uint64_t detected = 0;      ///< words read in which an error was detected
    std::optional<double> dynamicJ;  ///< energy of the accesses, J; absent without a table
    std::optional<double> leakageJ;  ///< leakage of all arrays, J; absent where no source gives it
};

/// The parts of a memory, as far as its energy is concerned.
struct EnergySettings {
    std::optional<EnergyModel> model;
    double accessFactor = 1;   ///< energy of an access against that of a plain word: (w + c) / w
    std::uint32_t arrays = 1;  ///< arrays that leak
};

/// Accesses and energy of a memory, one record for each supply of its domain: what was read before
/// a change stays apart from what was read after it. Counts accesses as they happen and works out
/// energy when asked.
class EnergyLedger {
 public:
    EnergyLedger(const SupplyDomain& domain, EnergySettings settings)
        : domain_(domain), settings_(std::move(settings)) {}

    /// Counts words read in phase `phase` of the domain.
    void addReads(std::size_t phase, std::uint64_t words) { countsOf(phase).reads += words; }
    /// Counts words written in phase `phase` of the domain.
    void addWrites(std::size_t phase, std::uint64_t words) { countsOf(phase).writes += words; }
    /// Counts words read in phase `phase` in which an error was corrected.
    void addCorrected(std::size_t phase, std::uint64_t words) {
        countsOf(phase).corrected += words;
    }
    /// Counts words read in phase `phase` in which an error was detected.
    void addDetected(std::size_t phase, std::uint64_t words) { countsOf(phase).detected += words; }

    /// Returns one record for each supply that was asked for until `now`.
    std::vector<SupplyInterval> intervals(Picoseconds now) const;
    /// Returns the sum over all intervals; `supply` is the present one.
    SupplyInterval total(Picoseconds now) const;
    /// Returns the sum as (name, description, unit, value).
    std::vector<Statistic> statistics(Picoseconds now) const;

 private:
    struct Counts {
        std::uint64_t reads = 0;
        std::uint64_t writes = 0;
        std::uint64_t corrected = 0;
        std::uint64_t detected = 0;
    };
    Counts& countsOf(std::size_t phase) {
        if (phase >= counts_.size()) counts_.resize(phase + 1);
        return counts_[phase];
    }

    const SupplyDomain& domain_;
    EnergySettings settings_;
    std::vector<Counts> counts_;
};

}  // namespace brownout
