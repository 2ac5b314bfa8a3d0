#pragma once

#include "inference/kernels/bit_dispatch.h"
#include "inference/plan/bit_layout.h"
#include "inference/plan/builder.h"

namespace brownout {

// Operators that only plans have (graph/bit_regions.h makes them). Their activations are bits
// (plan/bit_layout.h).
//
// BitSign (floats) -> bits: 1 where x >= 0
// BitValue (bits) -> floats: plus or minus "scale"
// BitProduct (bits, weights) -> bits, or floats without "thresholds": convolution with "kernel",
//     "strides", "dilations", "pads" (zeros) of two axes, "groups", or matrix product, whose
//     weights are "transposed". "thresholds" of the rows and rows "inverted" behind them, in words
//     of 32; "units" of the rows are factors of floats. Given a "byte_scale", the input is floats,
//     which divided by that, clipped to "byte_low" and "byte_high" and rounded to the nearest are
//     whole numbers from 0 to 255, or from -128 to 127 if "byte_signed"
// BitPool (bits) -> bits: maxima over windows as above, then channels "inverted"
// BitPad (bits) -> bits: "pads" of two axes, with 1 if "plus", else 0
// BitMove (bits) -> bits: the same elements in order as "shape"

/// Returns the bits that are input `i` of a node.
const PlanValue& bitsInput(const PlanBuilder& builder, const Node& node, std::size_t i);
/// Returns the kernels of bits for the activations of a plan.
const kernels::BitKernels& bitKernelsOf(const PlanBuilder& builder);
/// Returns the words of an attribute that has integers.
std::vector<std::int32_t> wordsOf(const Node& node, const std::string& attribute);

/// Compiles a BitProduct.
void compileBitProduct(PlanBuilder& builder, const Node& node);

}  // namespace brownout
