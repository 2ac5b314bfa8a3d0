#pragma once

#include "inference/plan/builder.h"

namespace brownout {

/// Lets the step that made `x`, input 0 of a pooling node, pool its result some rows at a time,
/// where that spares a large activation the way to memory and back. Returns false where it doesn't
/// or can't: `args` then stay to be a step of their own. The maxima are the same.
bool poolInRows(PlanBuilder& builder, const Node& node, const PlanValue& x,
                const kernels::PoolArgs& args, const Shape& shape);

/// Runs a convolution and pools its result. `convolution` would write all of it to its output,
/// which has room for the rows of `MadeInRows::channels` planes that go into `pooled.rows` rows of
/// maxima.
void convolveAndPool(const kernels::Kernels& kernels, const kernels::ConvolveArgs& convolution,
                     const PooledRows& pooled, float* output);

}  // namespace brownout
