#include "emulation/precision.h"

#include <cmath>

#include "base/error.h"
#include "base/fields.h"
#include "base/numbers.h"

namespace brownout {
namespace {

constexpr const char* kAs = "as:";
constexpr double kMostChipsAsked = 1'000'000;

}  // namespace

Precision precisionFromString(const std::string& option, const std::string& text) {
    const auto refuse = [&]() -> Precision {
        throw UsageError(option, "'" + text +
                                     "'; expected percentage points (0.2), percent of the error "
                                     "(3%) or as many chips as an exact campaign (as:50)");
    };
    Precision precision;
    std::string number = text;
    if (text.rfind(kAs, 0) == 0) {
        precision.kind = Precision::Kind::kAsChips;
        number = text.substr(3);
    } else if (!text.empty() && text.back() == '%') {
        precision.kind = Precision::Kind::kRelative;
        number.pop_back();
    }
    const auto value = parseReal(number);
    if (!value || !(*value > 0)) return refuse();
    precision.value = *value;
    const bool whole = precision.value == std::floor(precision.value);
    if (precision.kind == Precision::Kind::kAsChips &&
        (!whole || precision.value < 2 || precision.value > kMostChipsAsked)) {
        return refuse();
    }
    if (precision.kind != Precision::Kind::kAsChips && precision.value > 100) return refuse();
    return precision;
}

std::string toString(const Precision& precision) {
    const std::string number = shortestNumber(precision.value);
    switch (precision.kind) {
        case Precision::Kind::kPoints:
            return number;
        case Precision::Kind::kRelative:
            return number + "%";
        case Precision::Kind::kAsChips:
            break;
    }
    return kAs + number;
}

}  // namespace brownout
