#pragma once

#include <string>
#include <vector>

#include "inference/network.h"

namespace brownout {

/// Replaces operators that compute with codes (QLinearConv, QLinearMatMul, ConvInteger,
/// MatMulInteger) by the same on the values that the codes stand for: DequantizeLinear, the
/// operator of floats, QuantizeLinear. Results are those of integer arithmetic but for sums beyond
/// 2^24 and ties of rounding, which may fall to the neighbouring code.
void lowerIntegerOperators(Network& network);

/// Returns the operators that it replaces, in alphabetical order.
const std::vector<std::string>& integerOperators();

}  // namespace brownout
