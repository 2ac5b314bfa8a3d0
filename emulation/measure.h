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
    /// Takes the amount of the measure from the counts of a trial, or of several added up; nothing
    /// where the trials didn't count it.
    using Of = std::optional<Amount> (*)(const TrialCounts&);

    Of faulty = nullptr;  ///< amount with faults
    Of clean = nullptr;   ///< amount without faults; null where that would say nothing
    /// Amount that faults took, such as images that were right; null where that isn't counted, and
    /// the distance from the value without faults stands for it.
    Of harm = nullptr;

    std::string key;  ///< key in JSON, and the beginning of columns in CSV: "error"
    std::string
        cleanKey;         ///< key of the value without faults, "clean_error"; empty without `clean`
    std::string name;     ///< name in running text, "error"
    std::string plural;   ///< "errors"
    std::string heading;  ///< heading of the column with faults, "error %"
    /// Heading of the column without faults, "clean error %"; empty: no such column.
    std::string cleanHeading;
    std::string note;  ///< explanation on the page, a sentence or two; may be empty

    bool inPercent = false;       ///< true where values are shown in percent
    bool higherIsBetter = false;  ///< true where the larger of two values is the better one
    bool showsInterval = true;    ///< true where tables show the 95 % interval, too
    Interval possible;            ///< range of the measure, which intervals are cut to
    std::string bounds;           ///< the range in words: "within 0 and 100 %"

    /// Value of a network that knows nothing, where there is one: a unit is dead that has lost more
    /// than half of what lies between this and the value without faults.
    std::optional<double> worthless;

    /// Loss against the clean value that is still tolerable, as a share of it if `lossIsRelative`,
    /// and the same in words.
    double tolerableLoss = 0;
    bool lossIsRelative = false;
    std::string tolerable;
    /// True for a measure, not the first, whose mean makes a point intolerable where it is above
    /// the clean value.
    bool mayNotRise = false;

    /// Returns the interval of differences of the measure.
    Interval possibleDifference() const {
        return {possible.low - possible.high, possible.high - possible.low};
    }
};

}  // namespace brownout
