#pragma once

#include <optional>
#include <string>

namespace brownout {

/// Kinds of quantities that descriptions have, each with its units.
enum class Quantity { kBytes, kFrequency, kEnergy, kPower, kBandwidth, kVoltage };

/// Returns what a quantity looks like, for errors: "a frequency such as 1 GHz".
const char* exampleOf(Quantity quantity);

/// Reads "256 KiB", "1.26 pJ": a number of at least 0 and a unit of that kind, with or without a
/// space between, in bytes, Hz, J, W, B/s or V. Returns nothing for anything else.
std::optional<double> parseQuantity(const std::string& text, Quantity quantity);

}  // namespace brownout
