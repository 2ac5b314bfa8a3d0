#include "tools/report/measure_text.h"

#include "base/numbers.h"

namespace brownout {
namespace {

constexpr const char* kNothing = "-";

}  // namespace

std::string intervalText(const std::optional<Interval>& interval, int decimals) {
    if (!interval) return "";
    return " [" + percent(interval->low, decimals) + ", " + percent(interval->high, decimals) + "]";
}

std::string valueText(const Measure& measure, const std::optional<double>& value) {
    if (!value) return kNothing;
    return measure.inPercent ? percent(*value) : humanNumber(*value, 4);
}

std::string meanText(const Measure& measure, const std::optional<Estimate>& estimate) {
    if (!estimate) return kNothing;
    return valueText(measure, estimate->mean) +
           (estimate->std ? " ± " + valueText(measure, estimate->std) : "");
}

std::string estimateText(const Measure& measure, const std::optional<Estimate>& estimate) {
    std::string text = meanText(measure, estimate);
    if (estimate && estimate->ci95) {
        text += " [" + valueText(measure, estimate->ci95->low) + ", " +
                valueText(measure, estimate->ci95->high) + "]";
    }
    return text;
}

std::string capitalised(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    }
    return text;
}

}  // namespace brownout
