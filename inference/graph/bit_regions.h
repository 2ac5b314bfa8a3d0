#pragma once

#include <string>

#include "inference/network.h"

namespace brownout {

class EncodedNetwork;

/// Returns a network that computes with bits where activations and weights are plus or minus one,
/// up to a scale: operators that start with "Bit", which only plans have (plan/bit_operators.h).
/// Everything else stays as it is, with conversions between. Values before and after keep their
/// names. Nothing is changed where no product is one of bits.
///
/// **What becomes bits.** BipolarQuant with one scale; then Conv of one or two axes, Gemm and
/// MatMul of a row with weights of one bit (BipolarQuant of constants, a stored format of one bit,
/// floats of one size in each row), with batch norm, factors, summands, clamps, MaxPool and
/// BipolarQuant or Sign behind it as thresholds (graph/bit_folding.h); MaxPool, Pad with plus or
/// minus one, Flatten, Reshape to a row. Products whose signs are not taken are whole sums times
/// the scales, in floats. Products with weights of one bit of what a Quant of at most 8 bits
/// without sign makes (the images, as a rule) are sums of bytes.
///
/// **Exactness.** Sums are whole numbers. Where both scales are powers of two, floats are exact as
/// well, and so are the results: the same bits as in floats. Else a float sum may round where this
/// doesn't.
Network withBitRegions(const Network& network, const EncodedNetwork* encoded);

/// Returns whether an operator is one of those that withBitRegions() makes.
bool isBitOperator(const std::string& op);

/// Adds a note to a network whose weights of one bit meet activations that are signs, but for some
/// that are not plus or minus one: it is computed in floats there. Throws nothing.
void noteLostBits(Network& network);

}  // namespace brownout
