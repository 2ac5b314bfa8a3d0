#pragma once

#include <cstddef>

#include "inference/plan/plan.h"

namespace brownout {

/// Tells whether a plan in floats of 16 lanes is faster with 8: where activations are large and
/// wide vectors multiply no faster. Measured on SqueezeNet, 224 x 224 (Zen 4): 1.2 times.
bool isBetterNarrow(const Plan& plan);

/// Returns up to how many images, fewer than there are lanes, are run faster one by one, with
/// neighbouring positions in the lanes, than side by side, where lanes without an image cost as
/// much as those with one. Measured (AVX-512, Sapphire Rapids): about 15 for SqueezeNet, 224 x 224,
/// and 5 for ResNet-20, whose last maps have 8 x 8 positions.
std::size_t mostOneByOne(const Plan& plan);

}  // namespace brownout
