#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/code.h"
#include "base/span.h"

namespace brownout {

enum class Rounding { kNearestEven, kTruncate };
enum class RangeScope { kTensor, kNetwork };

/// How floats become m-bit codes. The range constants are held outside the failing memory and carry
/// no errors.
struct QuantizerSettings {
    int bits = 8;              ///< m, 2 to 8.
    bool symmetric = false;    ///< Range [-q, q], q = max |w|; else [min, max].
    bool signedCodes = false;  ///< Two's complement; else offset by 2^(m-1) - 1.
    Rounding rounding = Rounding::kNearestEven;
    RangeScope scope = RangeScope::kTensor;  ///< One range a tensor or one for the whole network.

    /// "normal": per tensor, symmetric, two's complement, truncation. "rquant": per tensor,
    /// asymmetric, unsigned, round to nearest even. (Stutz et al., MLSys 2021.) Throws Error for
    /// other names, and for `bits` outside 2 to 8.
    static QuantizerSettings preset(const std::string& name, int bits = 8);

    /// Throws Error unless `bits` is 2 to 8.
    void check() const;

    /// For reports: "8 bit, asymmetric, unsigned, nearest-even, range per tensor".
    std::string toString() const;
};

/// A quantiser as --quantizer takes it: "rquant", or the preset and what differs from it.
std::string nameOf(const QuantizerSettings& settings);

bool operator==(const QuantizerSettings& a, const QuantizerSettings& b);

/// Smallest and largest of some values; {0, 0} for none.
struct ValueRange {
    float low = 0.0F, high = 0.0F;
};
ValueRange rangeOf(Span<const float> values);
ValueRange unionOf(ValueRange a, ValueRange b);

/// Floats to codes and back, for one range.
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

    /// The code of `value` (clamped to the range): m bits, the high bits of the byte zero.
    Code quantize(float value) const;

    /// What a code means; every m-bit pattern means something, also those that quantize() never
    /// makes.
    float dequantize(Code code) const { return table_[code]; }

    int bits() const { return settings_.bits; }
    const QuantizerSettings& settings() const { return settings_; }
    ValueRange range() const { return range_; }
    /// Distance of the values of neighbouring codes.
    double step() const;

 private:
    double decode(int code) const;

    QuantizerSettings settings_;
    ValueRange range_;
    std::array<float, 256> table_{};
};

}  // namespace brownout
