#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/span.h"
#include "emulation/measure.h"
#include "emulation/statistics.h"
#include "emulation/trial_counts.h"

namespace brownout {

/// One unit of replication: the number of its chip (or the index of its offset), and the counts of
/// its trials added up.
struct Unit {
    std::uint32_t number = 0;
    TrialCounts counts;
};

/// The unit with the worst value of a measure.
struct WorstUnit {
    std::uint32_t number = 0;
    double value = 0;
};

/// The value of a measure in one row.
struct MeasuredValue {
    std::optional<double> clean;     ///< without faults, where the measure has that
    std::optional<Estimate> faulty;  ///< with faults, over the units of replication
    std::uint64_t units = 0;         ///< units that have anything to take a mean of
    std::optional<double> median;    ///< median over these units
    std::optional<WorstUnit> worst;  ///< the first of the worst of them
    std::optional<double> dead;      ///< share of dead units, see Measure::worthless
    bool fewDominate = false;        ///< a few units decide the mean, see fewDominate()
};

/// Computes the value of a measure from the units that have the counts for it. Units without
/// anything to take a mean of are left out. `canFail` tells whether any cell of the units can fail:
/// if not, what was measured is exact, and an interval has no width.
MeasuredValue measuredValue(const Measure& measure, Span<const Unit> units, bool canFail);

/// Computes the mean difference of a measure, a - b, of paired units, with its interval. Units of
/// which either has nothing to take a mean of are left out. Returns the difference's estimate as
/// `faulty` and the number of pairs as `units`; the rest but `fewDominate` is absent.
MeasuredValue measuredDifference(const Measure& measure, Span<const Unit> a, Span<const Unit> b,
                                 bool canFail);

}  // namespace brownout
