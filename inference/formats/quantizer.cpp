#include "inference/formats/quantizer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace brownout {

namespace {

/// 2^(m-1) - 1: steps from the middle of the range to its ends.
int stepsOf(int bits) { return (1 << (bits - 1)) - 1; }

}  // namespace

void QuantizerSettings::check() const {
    if (bits < 2 || bits > 16) {
        throw Error("quantizer", std::to_string(bits) + " bits, expected 2 to 16");
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
           (scope == RangeScope::kTensor    ? "tensor"
            : scope == RangeScope::kNetwork ? "network"
                                            : "channel");
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
    if (settings.scope == RangeScope::kNetwork) name += ",network";
    if (settings.scope == RangeScope::kChannel) name += ",channel";
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
}

double Quantizer::step() const {
    return (static_cast<double>(range_.high) - range_.low) / (2 * stepsOf(settings_.bits));
}

int Quantizer::stepOf(Code code) const {
    const int m = settings_.bits;
    const auto value = static_cast<int>(code & codeMask(static_cast<std::uint32_t>(m)));
    if (!settings_.signedCodes) return value - stepsOf(m);
    return value >= (1 << (m - 1)) ? value - (1 << m) : value;
}

Code Quantizer::codeOf(int step) const {
    const int code = settings_.signedCodes ? step : step + stepsOf(settings_.bits);
    return static_cast<Code>(code) & codeMask(static_cast<std::uint32_t>(settings_.bits));
}

Code Quantizer::encode(float value) const {
    const int steps = stepsOf(settings_.bits);
    const double low = range_.low;
    const double high = range_.high;
    const double w = std::min(std::max(low, static_cast<double>(value)), high);
    double scaled = 0.0;  // n / D
    if (high > low) {
        scaled =
            settings_.symmetric ? w * steps / high : (2.0 * (w - low) / (high - low) - 1.0) * steps;
    }
    // std::nearbyint rounds to nearest even in the default rounding mode.
    return codeOf(static_cast<int>(
        settings_.rounding == Rounding::kTruncate ? std::trunc(scaled) : std::nearbyint(scaled)));
}

float Quantizer::decode(Code code) const {
    const int steps = stepsOf(settings_.bits);
    const int v = stepOf(code);
    const double low = range_.low;
    const double high = range_.high;
    if (settings_.symmetric) {
        return static_cast<float>(static_cast<double>(v) * high / steps);
    }
    const double n = static_cast<double>(v) / steps;
    return static_cast<float>((n + 1.0) / 2.0 * (high - low) + low);
}

/// Values never fall from one step to the next, so searches by halving find the step.
Code Quantizer::zero() const {
    const int first = stepOf(settings_.signedCodes ? Code{1} << (settings_.bits - 1) : 0);
    const int last = first + (1 << settings_.bits) - 1;
    const auto value = [&](int step) { return decode(codeOf(step)); };
    const auto firstFrom = [&](float least) {
        int from = first;
        int to = last + 1;
        while (from < to) {
            const int middle = from + (to - from) / 2;
            if (value(middle) < least) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    };
    const int above = firstFrom(0.0F);
    float nearest = value(std::min(above, last));
    if (above > first && std::fabs(value(above - 1)) < std::fabs(nearest)) {
        nearest = value(above - 1);
    }
    // Steps beside each other may share a value, and both signs of it may occur.
    Code lowest = codeMask(kMaxCodeBits);
    for (const float candidate : {-std::fabs(nearest), std::fabs(nearest)}) {
        const int step = firstFrom(candidate);
        if (step > last || std::fabs(value(step)) != std::fabs(nearest)) continue;
        lowest = std::min(lowest, codeOf(step));
        if (step < 0 && settings_.signedCodes && value(0) == value(step)) {
            lowest = std::min(lowest, codeOf(0));
        }
    }
    return lowest;
}

}  // namespace brownout
