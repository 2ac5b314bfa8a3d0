#pragma once

#include "inference/plan/builder.h"

namespace brownout {

/// Compiles ConvTranspose as a convolution: of the input with gaps of stride - 1 zeros, by the
/// kernel turned round.
void compileConvTranspose(PlanBuilder& builder, const Node& node);

}  // namespace brownout
