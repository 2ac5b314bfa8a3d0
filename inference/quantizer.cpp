#include "inference/quantizer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace brownout {

namespace {

/// 2^(m-1) - 1: steps from the middle of the range to its ends.
int stepsOf(int bits) { return (1 << (bits - 1)) - 1; }

}  // namespace

void QuantizerSettings::check() const {
    if (bits < 2 || bits > 8) {
        throw Error("quantizer", std::to_string(bits) + " bits, expected 2 to 8");
    }
}

QuantizerSettings QuantizerSettings::preset(const std::string& name, int bits) {
    QuantizerSettings settings;
    settings.bits = bits;
    if (name == "normal") {
        settings.symmetric = true;
        settings.signedCodes = true;
        settings.rounding = Rounding::kTruncate;
    } else if (name != "rquant") {
        throw Error("quantizer", "'" + name + "' is not known, expected normal or rquant");
    }
    settings.check();
    return settings;
}

std::string QuantizerSettings::toString() const {
    return std::to_string(bits) + " bit, " + (symmetric ? "symmetric" : "asymmetric") + ", " +
           (signedCodes ? "signed" : "unsigned") + ", " +
           (rounding == Rounding::kTruncate ? "truncated" : "nearest-even") + ", range per " +
           (scope == RangeScope::kTensor ? "tensor" : "network");
}

std::string nameOf(const QuantizerSettings& settings) {
    // The preset of the same symmetry is the nearer one.
    std::string name = settings.symmetric ? "normal" : "rquant";
    const QuantizerSettings preset = QuantizerSettings::preset(name, settings.bits);
    if (settings.signedCodes != preset.signedCodes) {
        name += settings.signedCodes ? ",signed" : ",unsigned";
    }
    if (settings.rounding != preset.rounding) {
        name += settings.rounding == Rounding::kNearestEven ? ",nearest" : ",truncate";
    }
    if (settings.scope != preset.scope) {
        name += settings.scope == RangeScope::kTensor ? ",tensor" : ",network";
    }
    return name;
}

bool operator==(const QuantizerSettings& a, const QuantizerSettings& b) {
    return a.bits == b.bits && a.symmetric == b.symmetric && a.signedCodes == b.signedCodes &&
           a.rounding == b.rounding && a.scope == b.scope;
}

ValueRange rangeOf(Span<const float> values) {
    if (values.empty()) {
        return {};
    }
    const auto ends = std::minmax_element(values.begin(), values.end());
    return {*ends.first, *ends.second};
}

ValueRange unionOf(ValueRange a, ValueRange b) {
    return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

Quantizer::Quantizer(const QuantizerSettings& settings, ValueRange range)
    : settings_(settings), range_(range) {
    settings_.check();
    if (settings_.symmetric) {
        range_.high = std::max(std::fabs(range.low), std::fabs(range.high));
        range_.low = -range_.high;
    }
    for (int code = 0; code < 256; ++code) {
        // Bits above the m stored ones don't exist: they are ignored.
        table_[static_cast<std::size_t>(code)] =
            static_cast<float>(decode(code & ((1 << settings_.bits) - 1)));
    }
}

double Quantizer::step() const {
    return (static_cast<double>(range_.high) - range_.low) / (2 * stepsOf(settings_.bits));
}

Code Quantizer::quantize(float value) const {
    const int steps = stepsOf(settings_.bits);
    const double low = range_.low;
    const double high = range_.high;
    const double w = std::min(std::max(static_cast<double>(value), low), high);
    double scaled = 0.0;  // n / D
    if (high > low) {
        scaled =
            settings_.symmetric ? w * steps / high : (2.0 * (w - low) / (high - low) - 1.0) * steps;
    }
    // std::nearbyint rounds to nearest even in the default rounding mode.
    const int v = static_cast<int>(
        settings_.rounding == Rounding::kTruncate ? std::trunc(scaled) : std::nearbyint(scaled));
    const int code = settings_.signedCodes ? v : v + steps;
    return static_cast<Code>(code & ((1 << settings_.bits) - 1));
}

double Quantizer::decode(int code) const {
    const int steps = stepsOf(settings_.bits);
    int v = code - steps;
    if (settings_.signedCodes) {
        v = code >= (1 << (settings_.bits - 1)) ? code - (1 << settings_.bits) : code;
    }
    const double low = range_.low;
    const double high = range_.high;
    if (settings_.symmetric) {
        return static_cast<double>(v) * high / steps;
    }
    const double n = static_cast<double>(v) / steps;
    return (n + 1.0) / 2.0 * (high - low) + low;
}

}  // namespace brownout
