#include "profiles/accelerators/quantity.h"

#include <cctype>
#include <cmath>
#include <map>

#include "base/fields.h"

namespace brownout {
namespace {

struct Kind {
    const char* example;
    std::map<std::string, double> units;
};

const Kind& kindOf(Quantity quantity) {
    static const std::map<Quantity, Kind> kKinds = {
        {Quantity::kBytes,
         {"a size such as 256 KiB",
          {{"B", 1}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}}}},
        {Quantity::kFrequency,
         {"a frequency such as 1 GHz", {{"Hz", 1}, {"kHz", 1e3}, {"MHz", 1e6}, {"GHz", 1e9}}}},
        {Quantity::kEnergy,
         {"an energy such as 1.26 pJ", {{"fJ", 1e-15}, {"pJ", 1e-12}, {"nJ", 1e-9}, {"J", 1}}}},
        {Quantity::kPower,
         {"a power such as 0.42 mW", {{"nW", 1e-9}, {"uW", 1e-6}, {"mW", 1e-3}, {"W", 1}}}},
        {Quantity::kBandwidth,
         {"a bandwidth such as 12.8 GB/s", {{"B/s", 1}, {"MB/s", 1e6}, {"GB/s", 1e9}}}},
        {Quantity::kVoltage, {"a voltage such as 0.8 V", {{"V", 1}, {"mV", 1e-3}}}},
    };
    return kKinds.at(quantity);
}

}  // namespace

const char* exampleOf(Quantity quantity) { return kindOf(quantity).example; }

std::optional<double> parseQuantity(const std::string& text, Quantity quantity) {
    std::size_t end = text.size();
    while (end > 0 &&
           (std::isalpha(static_cast<unsigned char>(text[end - 1])) != 0 || text[end - 1] == '/')) {
        --end;
    }
    const auto& units = kindOf(quantity).units;
    const auto unit = units.find(text.substr(end));
    const auto number = parseReal(trimmed(std::string_view(text).substr(0, end)));
    if (unit == units.end() || !number || *number < 0) return std::nullopt;
    const double value = *number * unit->second;
    return std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

}  // namespace brownout
