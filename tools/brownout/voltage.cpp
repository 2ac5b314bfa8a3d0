#include "tools/brownout/voltage.h"

#include <cmath>
#include <sstream>

#include "base/error.h"
#include "base/input.h"
#include "tools/brownout/command_line.h"

namespace brownout {
namespace {

const char kOption[] = "--voltages";

bool endsWith(const std::string& text, const std::string& end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// Reads the step of a range, which is in the unit of the first voltage as it was typed.
double stepOf(const std::string& text, const Voltage& first, const std::string& item) {
    if (endsWith(text, "V") || endsWith(text, "Vmin")) {
        const Voltage step = parseVoltage(text, kOption);
        if (step.unit == first.unit) return step.value;
        throw UsageError(kOption, "'" + item + "'; expected a step of the same unit");
    }
    const double step = std::abs(parseNumber(kOption, text));
    return endsWith(item.substr(0, item.find(':')), "mV") ? step / 1000 : step;
}

void addRange(const std::string& item, std::vector<SupplyRequest>& voltages) {
    const auto colon = item.find(':');
    const auto second = item.find(':', colon + 1);
    if (second == std::string::npos) {
        throw UsageError(kOption, "'" + item + "'; expected FIRST:LAST:STEP");
    }
    const Voltage first = parseVoltage(item.substr(0, colon), kOption);
    const Voltage last = parseVoltage(item.substr(colon + 1, second - colon - 1), kOption);
    const double step = stepOf(item.substr(second + 1), first, item);
    if (first.unit != last.unit || step == 0) {
        throw UsageError(
            kOption,
            "'" + item + "'; expected two voltages of one unit and a step that isn't zero");
    }
    const double span = last.value - first.value;
    const double steps = std::floor(std::abs(span) / step + 1e-9);
    if (steps > 10000) throw UsageError(kOption, "'" + item + "' has more than 10000 steps");
    for (int i = 0; i <= static_cast<int>(steps); ++i) {
        // Nine decimals: 1 - 3 * 0.05 is 0.85 and not the number just above it.
        const double exact = first.value + (span < 0 ? -step : step) * i;
        const double value = std::round(exact * 1e9) / 1e9;
        std::ostringstream text;
        text << value << (first.unit == VoltageUnit::kVolt ? "V" : "");
        voltages.push_back({{value, first.unit}, text.str()});
    }
}

}  // namespace

std::vector<SupplyRequest> parseVoltages(const std::string& text) {
    std::vector<SupplyRequest> voltages;
    for (const std::string& item : splitList(kOption, text)) {
        if (item.find(':') != std::string::npos) {
            addRange(item, voltages);
        } else {
            voltages.push_back({parseVoltage(item, kOption), item});
        }
    }
    return voltages;
}

std::vector<SupplyRequest> suppliesIn(const CommandLine& line) {
    const auto& list = line.get<std::string>("voltages");
    return list == "profile" ? std::vector<SupplyRequest>{} : parseVoltages(list);
}

double instrumentVolts(const std::string& option, const std::string& text) {
    const Voltage voltage = parseVoltage(text, option);
    if (voltage.unit == VoltageUnit::kVolt) return voltage.value;
    throw UsageError(option, quoted(text) + "; expected volts, '0.85V' or '850mV'");
}

double voltsIn(const CommandLine& line, const char* option) {
    return instrumentVolts(std::string("--") + option, line.get<std::string>(option));
}

}  // namespace brownout
