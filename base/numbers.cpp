#include "base/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace brownout {
namespace {

std::string toChars(double number, std::chars_format format, int precision) {
    char buffer[400];  // the longest double in fixed notation has 309 digits before the point
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, format, precision).ptr;
    return std::string(buffer, end);
}

}  // namespace

std::string shortestNumber(double number) {
    char buffer[64];
    return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

double roundTo12Digits(double number) {
    const std::string text = toChars(number, std::chars_format::general, 12);
    double rounded = number;
    std::from_chars(text.data(), text.data() + text.size(), rounded);
    return rounded;
}

bool sameButForNoise(double a, double b) {
    return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

std::vector<std::size_t> endsOfNoiseGroups(const std::vector<double>& ascending) {
    std::vector<std::size_t> ends;
    std::size_t first = 0;
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        if (i > 0 && sameButForNoise(ascending[first], ascending[i])) {
            ends.back() = i + 1;
        } else {
            first = i;
            ends.push_back(i + 1);
        }
    }
    return ends;
}

std::vector<double> withoutNoise(const std::vector<double>& ascending) {
    std::vector<double> kept;
    std::size_t begin = 0;
    for (const std::size_t end : endsOfNoiseGroups(ascending)) {
        double best = ascending[begin];
        for (std::size_t i = begin + 1; i < end; ++i) {
            if (shortestNumber(ascending[i]).size() < shortestNumber(best).size()) {
                best = ascending[i];
            }
        }
        kept.push_back(best);
        begin = end;
    }
    return kept;
}

std::string csvNumber(const std::optional<double>& number) {
    return number ? shortestNumber(*number) : "";
}

std::string csvText(const std::string& text) {
    const std::string shown = printable(text);
    if (shown.find_first_of(",\"\n") == std::string::npos) return shown;
    std::string quoted = "\"";
    for (const char c : shown) {
        quoted += c;
        if (c == '"') quoted += c;
    }
    return quoted + "\"";
}

std::string humanNumber(double number, int digits) {
    return toChars(number, std::chars_format::general, digits);
}

std::string percent(double fraction, int decimals) {
    return toChars(fraction * 100, std::chars_format::fixed, decimals);
}

EnergyUnit energyUnitOf(double joules) {
    for (const auto& unit : {EnergyUnit{1, "J"}, EnergyUnit{1e-3, "mJ"}, EnergyUnit{1e-6, "µJ"},
                             EnergyUnit{1e-9, "nJ"}, EnergyUnit{1e-12, "pJ"}}) {
        if (joules >= unit.joules) return unit;
    }
    return {1e-15, "fJ"};
}

std::string humanEnergy(double joules) {
    if (joules == 0) return "0 J";
    static constexpr const char* kPrefixes[] = {"a", "f", "p", "n", "µ", "m", ""};
    double scaled = joules * 1e18;
    std::size_t prefix = 0;
    // 999.5 would print as 1e+03 with three digits: it belongs to the next prefix.
    while (std::abs(scaled) >= 999.5 && prefix + 1 < std::size(kPrefixes)) {
        scaled /= 1000;
        ++prefix;
    }
    const double size = std::abs(scaled);
    const int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
    return toChars(scaled, std::chars_format::fixed, decimals) + " " + kPrefixes[prefix] + "J";
}

std::string groupedNumber(unsigned long long number) {
    const std::string digits = std::to_string(number);
    std::string grouped;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) grouped += "\u202f";
        grouped += digits[i];
    }
    return grouped;
}

}  // namespace brownout
