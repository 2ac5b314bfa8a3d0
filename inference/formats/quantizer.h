#pragma once

#include <string>

#include "base/code.h"
#include "base/span.h"

namespace brownout {

enum class Rounding { kNearestEven, kTruncate };

/// The values that share a range.
enum class RangeScope {
    kTensor,   ///< all values of a tensor
    kNetwork,  ///< all stored values of a network
    kChannel   ///< values of one output channel; all values of a tensor that has no channels
};

/// The way floats become m-bit codes. The range constants are held outside the failing memory and
/// carry no errors.
struct QuantizerSettings {
    int bits = 8;              ///< m, 2 to 16
    bool symmetric = false;    ///< range [-q, q], q = max |w|; else [min, max]
    bool signedCodes = false;  ///< two's complement; else offset by 2^(m-1) - 1
    Rounding rounding = Rounding::kNearestEven;
    RangeScope scope = RangeScope::kTensor;

    /// Returns the settings of a published quantiser (Stutz et al., MLSys 2021). "normal": per
    /// tensor, symmetric, two's complement, truncation. "rquant": per tensor, asymmetric, unsigned,
    /// round to nearest even. Throws Error for other names, and for `bits` outside 2 to 16.
    static QuantizerSettings preset(const std::string& name, int bits = 8);

    /// Checks the settings. Throws Error unless `bits` is 2 to 16.
    void check() const;

    /// Describes the settings: "8 bit, asymmetric, unsigned, nearest-even, range per tensor".
    std::string toString() const;
};

/// Returns the settings as --quantizer takes them, without the bits: "rquant", or the preset and
/// what differs from it: "normal,nearest".
std::string nameOf(const QuantizerSettings& settings);

bool operator==(const QuantizerSettings& a, const QuantizerSettings& b);

/// The smallest and the largest of some values.
struct ValueRange {
    float low = 0.0F, high = 0.0F;
};
/// Returns the range of `values`, {0, 0} for none.
ValueRange rangeOf(Span<const float> values);
/// Returns the smallest range that holds both.
ValueRange unionOf(ValueRange a, ValueRange b);

/// The way from floats to codes and back, for one range.
///
/// With D = 1 / (2^(m-1) - 1), n = w / q (symmetric) or n = 2 (w - min) / (max - min) - 1 and
/// v = round or trunc(n / D): the code is v in m-bit two's complement, or v + 2^(m-1) - 1. (The
/// code published with the paper offsets by 2^(m-1); the paper's text by 2^(m-1) - 1, and we follow
/// the text.) Everything is computed in double, products before quotients, so that the ends of the
/// range meet their codes. Where the range is a single value: symmetric, all codes are those of 0
/// and mean 0; asymmetric, all codes are those of n = 0, and every code means that value.
class Quantizer {
 public:
    Quantizer() = default;
    Quantizer(const QuantizerSettings& settings, ValueRange range);

    /// Returns the code of `value` (clamped to the range; not-a-number as its low end).
    Code encode(float value) const;

    /// Returns the value of a code, whose bits above the m stored ones are ignored. Every m-bit
    /// pattern means something, also those that encode() never makes.
    float decode(Code code) const;

    /// Returns the code whose value is nearest to 0, the lowest of equals.
    Code zero() const;

    const QuantizerSettings& settings() const { return settings_; }
    ValueRange range() const { return range_; }
    /// Returns the distance of the values of neighbouring codes.
    double step() const;

 private:
    int stepOf(Code code) const;
    Code codeOf(int step) const;

    QuantizerSettings settings_;
    ValueRange range_;
};

}  // namespace brownout
