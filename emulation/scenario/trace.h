#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/input.h"
#include "profiles/device.h"

namespace brownout {

/// The conditions that hold from a time until the next row of a trace.
struct TraceRow {
    double startS = 0;
    double endS = 0;
    /// Supply that the system allows, which no policy goes above; absent: the guard band.
    std::optional<Voltage> supply;
    double ratePerS = 0;  ///< inferences a second that are demanded at full load
    double load = 1;      ///< share of that rate that is there
    std::optional<double> temperatureC;

    double inferencesPerS() const { return ratePerS * load; }
};

/// Conditions over time, piecewise constant from 0 to the end.
struct Trace {
    std::string place;  ///< the file, for messages
    std::vector<TraceRow> rows;

    double endS() const { return rows.back().endS; }
};

/// Reads a trace from comma-separated values. The first line that is neither empty nor a comment
/// (#) names the columns:
///
///     time_s         seconds; ascends from 0. The last line ends the trace: only its time counts
///     supply         supply that the system allows, in multiples of Vmin
///     supply_v       the same in volts; one of the two
///     rate_per_s     inferences a second that are demanded
///     load           share of them that is there, 0 to 1
///     temperature_c  degrees Celsius
///
/// All but the time may be left out. An empty field repeats the one above. Throws Error naming
/// the file and the line where it is anything else.
Trace readTrace(Input& input, double usualRatePerS);

}  // namespace brownout
