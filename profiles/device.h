#pragma once

#include <optional>
#include <string>

#include "model/geometry.h"

namespace brownout {

/// Units of supplies.
enum class VoltageUnit {
    kVmin,  ///< multiples of Vmin, the lowest voltage at which nothing fails
    kVolt,
};

/// Returns "Vmin" or "V".
const char* nameOf(VoltageUnit unit);

/// A supply and its unit.
struct Voltage {
    double value = 1;
    VoltageUnit unit = VoltageUnit::kVmin;
};

/// Reads a voltage as people type it: "0.9", "22/24", "0.9Vmin" are normalised, "0.55V" and "550mV"
/// absolute. Throws UsageError naming `option` for anything else, for what isn't positive and
/// finite, and for a bare number that can only be millivolts.
Voltage parseVoltage(const std::string& text, const std::string& option);

/// The largest number that may be meant in volts, or multiples of Vmin, where no unit stands beside
/// it. Supplies of memories are below it, and above it where they are in millivolts.
constexpr double kHighestBareVoltage = 10;

/// Returns "580 volts? write 580mV or 0.58V" for a bare number too large to be in volts or
/// multiples of Vmin; nothing for any other text.
std::optional<std::string> millivoltsQuestion(const std::string& text);

/// The kind of SRAM that the chips of a profile are instances of.
struct Device {
    SramGeometry geometry;
    std::string node;                       ///< process, for example "14 nm"; empty if unknown
    VoltageUnit unit = VoltageUnit::kVmin;  ///< unit of every voltage in the profile
    std::optional<double> vminV;            ///< Vmin in volts, if known
};

/// Returns `voltage` in `unit`, rounded to 12 digits, so that 0.6 V of a Vmin of 0.8 V is 0.75 and
/// not the number just below it, which may be outside the profile. Throws Error if that takes Vmin
/// in volts and the device has none.
double voltageIn(VoltageUnit unit, const Device& device, const Voltage& voltage);

}  // namespace brownout
