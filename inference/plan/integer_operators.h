#pragma once

#include "inference/kernels/integer_dispatch.h"
#include "inference/plan/builder.h"

namespace brownout {

// Operators that only plans have (graph/integer_regions.h makes them). Their activations are pairs
// (plan/pairs.h); attributes "low" and "high" bound the codes of a result less its zero point, and
// "border" is what the readers of a result want around it.
//
// IntegerQuantize (floats) -> pairs: "scale", "shift" (kernels::QuantizeArgs)
// IntegerDequantize (pairs) -> floats: "scale", "shift" (kernels::DequantizeArgs)
// IntegerProduct (pairs, weights[, bias]) -> pairs, or floats if "floats": convolution with
//     "kernel", "strides", "dilations", "pads" of two axes, "groups", or matrix product, whose
//     weights are "transposed"; "factors" of the rows, "bias" of the rows, "winograd", "most" (size
//     of an input)
// IntegerAdd (pairs[, pairs]) -> pairs: "left_scale", "right_scale", "output_scale"
// IntegerPool (pairs) -> pairs: windows as above, "average", "count_padding", "input_scale",
//     "output_scale"
// IntegerMove (pairs...) -> pairs: concatenation along "axis", or the same elements in order as
//     "shape" if it is -1

/// Returns the pairs that are input `i` of a node.
const PlanValue& pairsInput(const PlanBuilder& builder, const Node& node, std::size_t i);
/// Returns the layout of a result of this shape.
PairLayout resultLayout(const Node& node, const Shape& shape);
/// Returns the integer kernels for the activations of a plan.
const kernels::IntegerKernels& integerKernelsOf(const PlanBuilder& builder);
/// Adds a step that makes pairs, and one before it that clears their border.
void addPairStep(PlanBuilder& builder, ValueRef output, const PairLayout& layout,
                 const std::vector<ValueRef>& uses, Step step);

/// Compiles an IntegerProduct.
void compileIntegerProduct(PlanBuilder& builder, const Node& node);

}  // namespace brownout
