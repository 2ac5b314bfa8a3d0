#pragma once

#include <memory>
#include <string>

#include "inference/formats/number_format.h"

namespace brownout {

/// Returns the floating-point format of this name: "fp32" (the bits of the float, NaN payloads and
/// negative zeros included), "fp16", "bf16", "fp8-e4m3" or "fp8-e5m2"; null for other names. All
/// round to nearest even.
///
/// fp16 and bf16 overflow to infinity, as IEEE 754 does. fp8-e4m3 (4 exponent bits with bias 7, 3
/// mantissa bits) has no infinity, one NaN a sign, and 448 as its largest value: it saturates, and
/// infinities become +-448. fp8-e5m2 (5 exponent bits with bias 15, 2 mantissa bits) is a short
/// fp16: what rounds beyond 57344 becomes infinite.
std::shared_ptr<const NumberFormat> floatFormat(const std::string& name);

}  // namespace brownout
