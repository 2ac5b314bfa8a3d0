#include "inference/formats/float_formats.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "inference/formats/elementwise_format.h"

namespace brownout {

namespace {

using Eigen::numext::bit_cast;

struct Single {
    Code encode(float value) const { return bit_cast<Code>(value); }
    float decode(Code code) const { return bit_cast<float>(code); }
    Code zero() const { return 0; }
    std::nullopt_t step() const { return std::nullopt; }
};

/// The 16-bit types that Eigen has.
template <typename T>
struct Sixteen {
    Code encode(float value) const { return bit_cast<std::uint16_t>(static_cast<T>(value)); }
    float decode(Code code) const {
        return static_cast<float>(bit_cast<T>(static_cast<std::uint16_t>(code)));
    }
    Code zero() const { return 0; }
    std::nullopt_t step() const { return std::nullopt; }
};

/// Floating point of 8 bits: sign, exponent, mantissa; exponent 0 holds the subnormal numbers.
struct Small {
    int exponentBits;
    int mantissaBits;
    /// Tells whether there are infinities. If so, the highest exponent is theirs and NaN's, and
    /// large values overflow to them; if not, only the code of all ones is NaN, and large values
    /// saturate.
    bool infinities;

    int bias() const { return (1 << (exponentBits - 1)) - 1; }
    Code signBit() const { return Code{1} << (exponentBits + mantissaBits); }
    /// The first code, sign aside, that isn't a finite number.
    Code firstSpecial() const {
        return infinities ? codeMask(static_cast<std::uint32_t>(exponentBits)) << mantissaBits
                          : signBit() - 1;
    }

    Code encode(float value) const {
        const Code sign = std::signbit(value) ? signBit() : 0;
        if (std::isnan(value)) {
            return sign |
                   (infinities ? firstSpecial() | Code{1} << (mantissaBits - 1) : firstSpecial());
        }
        const double size = std::fabs(static_cast<double>(value));
        const double beyond = std::ldexp(1.0, 1 << exponentBits);
        // Codes of finite numbers, sign aside, count upwards without a gap: a mantissa that rounds
        // up to 2 becomes the next exponent.
        Code code = firstSpecial();
        if (size < beyond) {
            const int lowest = 1 - bias();
            const int exponent = size == 0.0 ? lowest : std::max(std::ilogb(size), lowest);
            const double steps = std::nearbyint(std::ldexp(size, mantissaBits - exponent));
            code =
                (static_cast<Code>(exponent - lowest) << mantissaBits) + static_cast<Code>(steps);
        }
        return sign | std::min(code, infinities ? firstSpecial() : firstSpecial() - 1);
    }

    float decode(Code code) const {
        const Code magnitude = code & (signBit() - 1);
        double size = std::numeric_limits<double>::quiet_NaN();
        if (magnitude < firstSpecial()) {
            const auto exponent = static_cast<int>(magnitude >> mantissaBits);
            const Code mantissa = magnitude & codeMask(static_cast<std::uint32_t>(mantissaBits));
            const Code whole = exponent > 0 ? mantissa | Code{1} << mantissaBits : mantissa;
            size = std::ldexp(static_cast<double>(whole),
                              std::max(exponent, 1) - bias() - mantissaBits);
        } else if (infinities && magnitude == firstSpecial()) {
            size = std::numeric_limits<double>::infinity();
        }
        return static_cast<float>((code & signBit()) != 0 ? -size : size);
    }

    Code zero() const { return 0; }
    std::nullopt_t step() const { return std::nullopt; }
};

template <typename Scheme>
std::shared_ptr<const NumberFormat> make(const char* name, std::uint32_t bits,
                                         const char* description, Scheme scheme) {
    return std::make_shared<FixedFormat<Scheme>>(name, bits, false, description, scheme);
}

}  // namespace

std::shared_ptr<const NumberFormat> floatFormat(const std::string& name) {
    static const std::shared_ptr<const NumberFormat> kFormats[] = {
        make("fp32", 32, "32 bit, IEEE single precision", Single{}),
        make("fp16", 16, "16 bit, IEEE half precision", Sixteen<Eigen::half>{}),
        make("bf16", 16, "16 bit, bfloat16", Sixteen<Eigen::bfloat16>{}),
        make("fp8-e4m3", 8, "8 bit, floating point with 4 exponent bits, saturating",
             Small{4, 3, false}),
        make("fp8-e5m2", 8, "8 bit, floating point with 5 exponent bits", Small{5, 2, true}),
    };
    for (const auto& format : kFormats) {
        if (format->name() == name) return format;
    }
    return nullptr;
}

}  // namespace brownout
