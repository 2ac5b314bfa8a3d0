#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/chip.h"
#include "profiles/profile_info.h"

namespace brownout {

/// The supplies and temperatures that a profile knows about, in its unit of voltage.
class SupplyRange {
 public:
    /// The conditions that a profile knows its cells under.
    struct Content {
        std::string place;  ///< the file, for messages
        Device device;
        double lowest = 0;  ///< at the reference temperature
        double highest = 0;
        VoltageShifts shifts;
        /// Supplies and temperatures of measurements, between which nothing is known.
        std::vector<double> onlyVoltages;
        std::vector<double> onlyTemperaturesC;
    };
    explicit SupplyRange(Content content) : content_(std::move(content)) {}

    VoltageUnit unit() const { return content_.device.unit; }
    /// Return the ends of the range at the reference temperature. With read noise, from its reach
    /// above the last critical voltage that is known.
    double lowest() const { return content_.lowest; }
    double highest() const { return content_.highest; }

    /// Returns read noise and temperature of the threshold and recipe encodings.
    const VoltageShifts& shifts() const { return content_.shifts; }
    /// Returns by how much critical voltages are higher at a temperature than at the reference
    /// temperature.
    double shiftAt(std::optional<double> temperatureC) const;

    /// Returns a voltage that the user gave, in the unit of the profile. Throws Error naming the
    /// file if the profile can't convert it, or if it says nothing about it at that temperature.
    double supply(const Voltage& voltage, std::optional<double> temperatureC = {}) const;

    /// Returns the temperature that is meant when `asked` was asked for: if nothing was, the only
    /// one there is, the reference temperature, or none if the profile doesn't say. Throws Error
    /// listing those there are if that is not one, or if `asked` is none of them and the profile
    /// doesn't say how cells depend on the temperature.
    std::optional<double> temperature(std::optional<double> asked) const;

    /// Returns the supply at which as many cells fail at the reference temperature.
    double atReference(double supply, std::optional<double> temperatureC) const;

 private:
    Content content_;
};

/// Returns the place of the voltage or temperature nearest to `wanted` among values that were
/// measured; absent if none is the same one but for the way it was typed.
std::optional<std::uint32_t> measuredIndex(const std::vector<double>& values, double wanted);

}  // namespace brownout
