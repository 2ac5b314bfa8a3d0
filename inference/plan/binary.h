#pragma once

#include "inference/plan/builder.h"

namespace brownout {

/// Compiles an operator of two values, broadcast to each other: of integers known when the plan is
/// made at once, else as a step, or merged into the normalisation that made one of them.
void compileBinary(PlanBuilder& builder, const Node& node, kernels::BinaryOp op);

/// Compiles a node of this operator, for tables of operators.
template <kernels::BinaryOp op>
void binaryNode(PlanBuilder& builder, const Node& node) {
    compileBinary(builder, node, op);
}

}  // namespace brownout
