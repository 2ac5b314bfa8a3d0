#include "profiles/device.h"

#include <cmath>
#include <cstdlib>

#include "base/error.h"
#include "base/numbers.h"

namespace brownout {
namespace {

bool dropSuffix(std::string& text, const std::string& suffix) {
    if (text.size() < suffix.size() ||
        text.compare(text.size() - suffix.size(), suffix.size(), suffix) != 0) {
        return false;
    }
    text.resize(text.size() - suffix.size());
    return true;
}

/// A number as people type it: strtod would also take " 1", "0x1p-1" and "nan".
std::optional<double> plainNumber(const std::string& text) {
    if (text.empty() || text.find_first_not_of("0123456789.+-eE") != std::string::npos) return {};
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (*end != '\0') return {};
    return value;
}

}  // namespace

const char* nameOf(VoltageUnit unit) { return unit == VoltageUnit::kVmin ? "Vmin" : "V"; }

Voltage parseVoltage(const std::string& text, const std::string& option) {
    Voltage voltage;
    std::string number = text;
    double perUnit = 1;
    if (dropSuffix(number, "mV")) {
        voltage.unit = VoltageUnit::kVolt;
        perUnit = 1000;
    } else if (!dropSuffix(number, "Vmin") && dropSuffix(number, "V")) {
        voltage.unit = VoltageUnit::kVolt;
    }
    if (const auto question = millivoltsQuestion(number == text ? text : "")) {
        throw UsageError(option, *question);
    }
    const std::size_t slash = number.find('/');
    const std::optional<double> dividend = plainNumber(number.substr(0, slash));
    const std::optional<double> divisor =
        slash == std::string::npos ? 1 : plainNumber(number.substr(slash + 1));
    if (!dividend || !divisor) {
        throw UsageError(option, "'" + text +
                                     "' is no voltage; expected for example 0.9, 22/24, "
                                     "0.9Vmin, 0.55V or 550mV");
    }
    voltage.value = *dividend / *divisor / perUnit;
    if (!(*dividend > 0) || !(*divisor > 0) || !(voltage.value > 0) ||
        !std::isfinite(voltage.value)) {
        throw UsageError(option, "'" + text + "' is no supply; expected a positive voltage");
    }
    return voltage;
}

std::optional<std::string> millivoltsQuestion(const std::string& text) {
    const std::optional<double> number = plainNumber(text);
    if (!number || !(*number > kHighestBareVoltage) || !std::isfinite(*number)) return std::nullopt;
    return text + " volts? write " + text + "mV or " + shortestNumber(*number / 1000) + "V";
}

double voltageIn(VoltageUnit unit, const Device& device, const Voltage& voltage) {
    if (voltage.unit == unit) return voltage.value;
    if (!device.vminV) {
        throw Error("voltage", std::string("the profile is in ") + nameOf(device.unit) +
                                   " and doesn't say what Vmin is in volts, so a voltage in " +
                                   nameOf(voltage.unit) + " has no meaning for it");
    }
    return roundTo12Digits(unit == VoltageUnit::kVolt ? voltage.value * *device.vminV
                                                      : voltage.value / *device.vminV);
}

}  // namespace brownout
