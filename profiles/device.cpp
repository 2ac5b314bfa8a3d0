#include "profiles/device.h"

#include <cmath>
#include <cstdlib>

#include "base/error.h"

namespace brownout {
namespace {

double roundTo12Digits(double value) {
    const double scale = std::pow(10.0, 11 - std::floor(std::log10(value)));
    return std::round(value * scale) / scale;
}

}  // namespace

const char* nameOf(VoltageUnit unit) { return unit == VoltageUnit::kVmin ? "Vmin" : "V"; }

Voltage parseVoltage(const std::string& text, const std::string& option) {
    const char* begin = text.c_str();
    char* end = nullptr;
    Voltage voltage;
    // strtod would also take "0x1p-1" and "nan"; people don't type those.
    const bool plain = text.find_first_not_of("0123456789.+-eEVmin") == std::string::npos;
    voltage.value = std::strtod(begin, &end);
    const std::string suffix = end;
    if (!plain || end == begin || (!suffix.empty() && suffix != "V" && suffix != "Vmin")) {
        throw UsageError(option, "'" + text +
                                     "' is no voltage; expected for example 0.9, 0.9Vmin"
                                     " or 0.55V");
    }
    if (!(voltage.value > 0) || !std::isfinite(voltage.value)) {
        throw UsageError(option, "'" + text + "' is no supply; expected a positive voltage");
    }
    voltage.unit = suffix == "V" ? VoltageUnit::kVolt : VoltageUnit::kVmin;
    return voltage;
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
