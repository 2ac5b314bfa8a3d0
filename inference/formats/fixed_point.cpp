#include "inference/formats/fixed_point.h"

#include <algorithm>
#include <cmath>
#include <regex>

#include "inference/formats/elementwise_format.h"

namespace brownout {

namespace {

struct FixedPoint {
    std::uint32_t bits;
    int fractionBits;

    Code encode(float value) const {
        const double largest = std::ldexp(1.0, static_cast<int>(bits) - 1) - 1.0;
        const double steps = std::ldexp(static_cast<double>(value), fractionBits);
        if (std::isnan(steps)) return 0;
        // std::nearbyint rounds to nearest even in the default rounding mode.
        const double rounded = std::nearbyint(std::clamp(steps, -largest - 1.0, largest));
        return static_cast<Code>(static_cast<std::int64_t>(rounded)) & codeMask(bits);
    }

    float decode(Code code) const {
        const std::uint32_t unused = kMaxCodeBits - bits;
        const auto steps = static_cast<std::int32_t>(code << unused) >> unused;
        return static_cast<float>(std::ldexp(static_cast<double>(steps), -fractionBits));
    }

    Code zero() const { return 0; }
    double step() const { return std::ldexp(1.0, -fractionBits); }
};

}  // namespace

std::shared_ptr<const NumberFormat> fixedPointFormat(const std::string& name) {
    static const std::regex kSpelling("q([0-9]{1,2})\\.([0-9]{1,2})");
    std::smatch sizes;
    if (!std::regex_match(name, sizes, kSpelling)) return nullptr;
    const auto integerBits = static_cast<std::uint32_t>(std::stoul(sizes[1]));
    const auto fractionBits = static_cast<std::uint32_t>(std::stoul(sizes[2]));
    const std::uint32_t bits = integerBits + fractionBits;
    if (integerBits < 1 || bits > kMaxCodeBits) return nullptr;
    constexpr std::uint32_t kFewIntegerBits = 4;  // values below 8: not far from those of weights
    return std::make_shared<FixedFormat<FixedPoint>>(
        "q" + std::to_string(integerBits) + "." + std::to_string(fractionBits), bits,
        integerBits <= kFewIntegerBits,
        std::to_string(bits) + " bit, fixed point with " + std::to_string(integerBits) +
            " integer bits (sign included), saturating",
        FixedPoint{bits, static_cast<int>(fractionBits)});
}

}  // namespace brownout
