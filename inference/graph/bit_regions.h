#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

/// A product of bits, or of bytes, as withBitRegions() has found it.
struct BitLayerInfo {
    std::string node;        ///< name of the product's node
    std::string parameter;   ///< its weights; element (row, k) is at row * operands + k
    bool transposed = true;  ///< false if element (row, k) is at k * rows + row instead
    std::int64_t rows = 0;
    std::int64_t operands = 0;  ///< of a sum
    bool bytes = false;
    std::string input;  ///< value that it multiplies
    /// Value that thresholds are compared with: the sums, or the largest of each window; in units
    /// of `units`, plus `bias`.
    std::string sums;
    std::vector<float> units, bias;
    std::vector<std::int64_t> thresholds;  ///< of the rows; empty where sums stay sums
};

/// Returns the products of a network that are computed with bits, in order.
std::vector<BitLayerInfo> bitLayersOf(const Network& network, const EncodedNetwork* encoded);

/// Returns whether an operator is one of those that withBitRegions() makes.
bool isBitOperator(const std::string& op);

/// Adds a note to a network whose weights of one bit meet activations that are signs, but for some
/// that are not plus or minus one: it is computed in floats there. Throws nothing.
void noteLostBits(Network& network);

}  // namespace brownout
