#pragma once

#include <string>
#include <vector>

#include "profiles/device.h"

namespace brownout {

/// A supply as the user wrote it.
struct VoltageArgument {
    std::string text;  ///< as typed, for tables
    Voltage voltage;
};

/// Reads "1,0.958,22/24,0.9Vmin,0.55V" and ranges "1:0.75:0.05" (first, last, step; the sign of the
/// step is implied). A bare number is a multiple of Vmin. Throws UsageError naming the item.
std::vector<VoltageArgument> parseVoltages(const std::string& text);

}  // namespace brownout
