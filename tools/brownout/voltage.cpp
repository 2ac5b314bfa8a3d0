#include "tools/brownout/voltage.h"

#include <cmath>
#include <sstream>

#include "base/error.h"
#include "tools/brownout/command_line.h"

namespace brownout {
namespace {

const char kOption[] = "--voltages";

bool dropSuffix(std::string& text, const std::string& suffix) {
    if (text.size() <= suffix.size() ||
        text.compare(text.size() - suffix.size(), suffix.size(), suffix) != 0) {
        return false;
    }
    text.resize(text.size() - suffix.size());
    return true;
}

/// "0.917" or "22/24".
double parseRatio(const std::string& text) {
    const auto slash = text.find('/');
    if (slash == std::string::npos) return parseNumber(kOption, text);
    const double divisor = parseNumber(kOption, text.substr(slash + 1));
    if (divisor == 0) throw UsageError(kOption, "'" + text + "' divides by zero");
    return parseNumber(kOption, text.substr(0, slash)) / divisor;
}

VoltageArgument parseOne(const std::string& item) {
    VoltageArgument voltage;
    voltage.text = item;
    std::string number = item;
    if (!dropSuffix(number, "Vmin")) voltage.absolute = dropSuffix(number, "V");
    voltage.value = parseRatio(number);
    if (!(voltage.value > 0)) {
        throw UsageError(kOption, "'" + item + "'; expected a voltage above zero");
    }
    return voltage;
}

void addRange(const std::string& item, std::vector<VoltageArgument>& voltages) {
    const auto colon = item.find(':');
    const auto second = item.find(':', colon + 1);
    if (second == std::string::npos) {
        throw UsageError(kOption, "'" + item + "'; expected FIRST:LAST:STEP");
    }
    const VoltageArgument first = parseOne(item.substr(0, colon));
    const VoltageArgument last = parseOne(item.substr(colon + 1, second - colon - 1));
    const double step = std::abs(parseNumber(kOption, item.substr(second + 1)));
    if (first.absolute != last.absolute || step == 0) {
        throw UsageError(
            kOption,
            "'" + item + "'; expected two voltages of one unit and a step that isn't zero");
    }
    const double span = last.value - first.value;
    const double steps = std::floor(std::abs(span) / step + 1e-9);
    if (steps > 10000) throw UsageError(kOption, "'" + item + "' has more than 10000 steps");
    for (int i = 0; i <= static_cast<int>(steps); ++i) {
        VoltageArgument voltage = first;
        voltage.value = first.value + (span < 0 ? -step : step) * i;
        std::ostringstream text;
        text << std::round(voltage.value * 1e9) / 1e9 << (first.absolute ? "V" : "");
        voltage.text = text.str();
        voltages.push_back(voltage);
    }
}

}  // namespace

std::vector<VoltageArgument> parseVoltages(const std::string& text) {
    std::vector<VoltageArgument> voltages;
    for (const std::string& item : splitList(kOption, text)) {
        if (item.find(':') != std::string::npos) {
            addRange(item, voltages);
        } else {
            voltages.push_back(parseOne(item));
        }
    }
    return voltages;
}

}  // namespace brownout
