#include "profiles/supply_range.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "base/error.h"

namespace brownout {
namespace {

// Voltages and temperatures that differ by less, relatively, are the same one typed differently.
constexpr double kSame = 1e-6;

std::string listOf(const std::vector<double>& values) {
    std::ostringstream text;
    text.precision(std::numeric_limits<float>::max_digits10);
    for (std::size_t i = 0; i < values.size(); ++i) text << (i > 0 ? ", " : "") << values[i];
    return text.str();
}

}  // namespace

std::optional<std::uint32_t> measuredIndex(const std::vector<double>& values, double wanted) {
    std::optional<std::uint32_t> nearest;
    double distance = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double its = std::fabs(values[i] - wanted);
        if (!(its <= kSame * std::max(1.0, std::fabs(values[i])))) continue;
        if (nearest && its >= distance) continue;
        nearest = static_cast<std::uint32_t>(i);
        distance = its;
    }
    return nearest;
}

double SupplyRange::shiftAt(std::optional<double> temperatureC) const {
    const std::optional<double> celsius = temperature(temperatureC);
    if (!celsius || shifts().temperatureCoefficient == 0) return 0;
    return shifts().temperatureCoefficient * (*celsius - *shifts().referenceTemperatureC);
}

double SupplyRange::supply(const Voltage& voltage, std::optional<double> temperatureC) const {
    const std::string name = content_.place;
    const std::string unit = nameOf(content_.device.unit);
    double supply = 0;
    try {
        supply = voltageIn(content_.device.unit, content_.device, voltage);
    } catch (const Error& error) {
        throw Error(name, error.what());
    }
    // A number that was asked for in one unit is hard to know again in the other.
    const bool converted = voltage.unit != content_.device.unit;
    const std::string asked =
        (converted ? listOf({voltage.value}) + " " + nameOf(voltage.unit) + " is " : "") +
        listOf({supply}) + " " + unit + (converted ? ", which" : "");
    const std::string hint = converted && content_.device.unit == VoltageUnit::kVolt
                                 ? " (volts are written " + listOf({voltage.value}) + "V)"
                                 : "";
    const std::vector<double>& measured = content_.onlyVoltages;
    if (!measured.empty()) {
        if (const auto index = measuredIndex(measured, supply)) return measured[*index];
        throw Error(name, asked + " was not measured; the profile has counts at " +
                              listOf(measured) + " " + unit + hint);
    }
    const double shift = shiftAt(temperatureC);
    const double lowest = content_.lowest + shift;
    const double highest = content_.highest + shift;
    if (!(supply >= lowest && supply <= highest)) {
        throw Error(name, asked + " is outside the profile, which covers " + listOf({lowest}) +
                              " to " + listOf({highest}) + " " + unit +
                              (shift != 0 ? " at that temperature" : "") + hint);
    }
    return supply;
}

std::optional<double> SupplyRange::temperature(std::optional<double> asked) const {
    const VoltageShifts& shifts = content_.shifts;
    if (shifts.temperatureCoefficient != 0) {
        if (!asked) return shifts.referenceTemperatureC;
        if (*asked >= -273.15 && std::isfinite(*asked)) return asked;
        throw Error(content_.place, listOf({*asked}) + " is no temperature in degrees Celsius");
    }
    std::vector<double> known;
    if (shifts.referenceTemperatureC) known = {*shifts.referenceTemperatureC};
    if (!content_.onlyVoltages.empty()) known = content_.onlyTemperaturesC;
    if (known.empty()) {
        if (!asked) return std::nullopt;
        throw Error(content_.place,
                    "doesn't say at which temperature its cells fail, so it can't be asked for " +
                        listOf({*asked}) + " degrees Celsius");
    }
    if (!asked) {
        if (known.size() == 1) return known.front();
        throw Error(content_.place, "holds several temperatures; expected to be asked for one of " +
                                        listOf(known) + " degrees Celsius");
    }
    if (const auto index = measuredIndex(known, *asked)) return known[*index];
    throw Error(content_.place, "says nothing about " + listOf({*asked}) +
                                    " degrees Celsius, and not how to interpolate; there is " +
                                    listOf(known));
}

double SupplyRange::atReference(double supply, std::optional<double> temperatureC) const {
    const double shift = shiftAt(temperatureC);
    if (shift == 0) return supply;
    const double moved = supply - shift;
    // At the lowest voltage itself rounding may not lead below it.
    return supply >= lowest() + shift ? std::max(moved, lowest()) : moved;
}

}  // namespace brownout
