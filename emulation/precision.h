#pragma once

#include <string>

namespace brownout {

/// The half-width that the 95 % interval of each point's mean is to have, and thereby how many
/// chips and images an adaptive campaign takes.
struct Precision {
    enum class Kind {
        kPoints,    ///< `value` percentage points: "0.2"
        kRelative,  ///< `value` percent of the mean: "3%"
        kAsChips    ///< that of all images on `value` chips: "as:50"
    };
    Kind kind = Kind::kPoints;
    double value = 0;
};

/// Reads a precision. Throws UsageError with `option` in front unless it is a positive number,
/// perhaps with a percent sign, or "as:" and a number of chips from 2 to a million.
Precision precisionFromString(const std::string& option, const std::string& text);

/// Writes a precision as it is read.
std::string toString(const Precision& precision);

}  // namespace brownout
