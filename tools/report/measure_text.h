#pragma once

#include <optional>
#include <string>

#include "emulation/measure.h"
#include "emulation/statistics.h"

namespace brownout {

/// Returns " [10.86, 11.70]", the ends of an interval of shares in percent, to stand behind a mean;
/// empty where there is none.
std::string intervalText(const std::optional<Interval>& interval, int decimals = 2);

/// Returns a value of a measure as people read it: "11.28" for 0.1128 if it is shown in percent,
/// "-" where there is none.
std::string valueText(const Measure& measure, const std::optional<double>& value);

/// Returns "11.28 ± 1.47"; without the second part for n = 1.
std::string meanText(const Measure& measure, const std::optional<Estimate>& estimate);

/// Returns "11.28 ± 1.47 [10.86, 11.70]": mean, standard deviation and 95 % interval.
std::string estimateText(const Measure& measure, const std::optional<Estimate>& estimate);

/// Returns a text with its first letter in upper case, for the beginning of a title.
std::string capitalised(std::string text);

}  // namespace brownout
