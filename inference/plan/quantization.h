#pragma once

#include "inference/plan/builder.h"

namespace brownout {

/// The integers that a quantising node makes.
struct QuantizedRange {
    double low = 0;
    double high = 255;
    std::uint32_t bits = 8;  ///< bits of a code
    bool isSigned = false;
};

/// The way a quantising node turns a number into a whole one.
enum class QuantRounding { kHalfEven, kUp, kDown, kTowardsZero, kAwayFromZero, kHalfUp, kHalfDown };

/// Returns the range of a node QuantizeLinear, whose zero point has the type `zeroPoint` (null if
/// it has none). Throws Error naming the node.
QuantizedRange linearRange(const Network& network, const Node& node, const IntTensor* zeroPoint);

/// Returns the range of a node Quant of QONNX that makes integers of so many bits; a width with a
/// fraction has a range between those of whole widths. Throws Error naming the node.
QuantizedRange quantRange(const Network& network, const Node& node, float bitWidth);

/// Returns the rounding of a node Quant or Trunc. Throws Error naming the node.
QuantRounding quantRounding(const Network& network, const Node& node);

/// Returns a number rounded.
double rounded(double value, QuantRounding rounding);

}  // namespace brownout
