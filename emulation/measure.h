#pragma once

#include <optional>
#include <string>

#include "emulation/statistics.h"
#include "emulation/trial_counts.h"

namespace brownout {

/// A figure that a task says about trials: a mean over the units of replication, such as the error,
/// the mean squared error or the area under the ROC curve. What is computed, and what it is called
/// in every file, table and page, stands here; summaries, stores and reports know no task.
struct Measure {
    /// The amount that the counts of a trial, or of several added up, hold of the measure; nothing
    /// where the trials didn't count it.
    using Of = std::optional<Amount> (*)(const TrialCounts&);

    Of faulty = nullptr;  ///< with faults
    Of clean = nullptr;   ///< without; null where that would say nothing

    std::string key;       ///< key of JSON, and beginning of the columns of CSV: "error"
    std::string cleanKey;  ///< "clean_error"; empty without `clean`
    std::string name;      ///< in running text, "error"
    std::string plural;    ///< "errors"
    std::string heading;   ///< of the column with faults, "error %"
    /// Heading of the column without faults; empty: no column.
    std::string cleanHeading;
    std::string note;  ///< explains the measure on the page, a sentence or two; may be empty

    bool inPercent = false;       ///< shown as percent; otherwise as a number
    bool higherIsBetter = false;  ///< what the measure grows with
    bool showsInterval = true;    ///< tables show the 95 % interval beside mean and deviation
    Interval possible;            ///< range of the measure, which intervals are cut to
    std::string bounds;           ///< the same in words: "within 0 and 100 %"

    /// Loss against the clean value, towards the worse, that still counts as tolerable, and in
    /// words what is tolerable. A share of the clean value if `lossIsRelative`.
    double tolerableLoss = 0;
    bool lossIsRelative = false;
    std::string tolerable;
    /// Of a measure that isn't the first: a point is not tolerable where its mean is above the
    /// clean value.
    bool mayNotRise = false;

    /// Returns the interval of differences of the measure.
    Interval possibleDifference() const {
        return {possible.low - possible.high, possible.high - possible.low};
    }
};

}  // namespace brownout
