#pragma once

#include <map>
#include <string>

#include "inference/network.h"

namespace brownout {

class EncodedNetwork;

/// Returns a network that computes in integers what lies between quantised activations and weights
/// that are codes of the file: operators of the same name that start with "Integer", which only
/// plans have (plan/integer_operators.h). Everything else stays as it is, with conversions between.
/// Values before and after keep their names. Nothing is changed where there is nothing to gain.
///
/// **What becomes integer.** QuantizeLinear of activations with one scale, codes of at most 8 bits
/// (a Clip of codes included), and, between a DequantizeLinear and such a QuantizeLinear: Conv of
/// one or two axes, Gemm and MatMul of a row with weights of at most 8 bits, one scale for all or
/// for each row, Add of equal shapes, MaxPool, AveragePool, GlobalAveragePool, Concat, Flatten,
/// Reshape, Squeeze, Unsqueeze, each with Relu and Clip behind it. Products whose result is not
/// quantised are integer sums, too. (QLinearConv and the like are these patterns after import.)
///
/// **The rule.** A product is the integer sum of (activation - zero)(weight - zero) plus the bias
/// (an integer; one in floats is rounded to the nearest multiple of input scale * weight scale, if
/// that is at most 1/16 of a step of the result), modulo 2^32, converted to float, times
/// (input scale * weight scale / output scale), rounded half to even, clamped. Sums of two tensors
/// are dequantised, added and requantised in floats, as the standard has it; so are means, from
/// integer sums. Where ONNX computes QuantizeLinear(Conv(DequantizeLinear...)) in floats, results
/// differ by at most one step, where a value lies between two codes but for rounding.
///
/// `encoded` tells which parameters are stored, null that none is. Nothing is changed if its format
/// isn't computed with in integers (NumberFormat::integers()). Throws Error like makePlan().
Network withIntegerRegions(const Network& network, const EncodedNetwork* encoded);

/// Returns whether an operator is one of those that withIntegerRegions() makes.
bool isIntegerOperator(const std::string& op);

/// Returns whether withIntegerRegions() changed anything.
bool hasIntegerRegions(const Network& network);

}  // namespace brownout
