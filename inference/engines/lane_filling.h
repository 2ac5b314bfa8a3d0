#pragma once

#include <cstddef>
#include <optional>

#include "inference/engines/plan_activations.h"
#include "inference/plan/plan.h"

namespace brownout {

/// Returns up to how many images, fewer than there are lanes, are run faster one by one, with
/// neighbouring positions in the lanes, than side by side, where lanes without an image cost as
/// much as those with one. Measured (AVX-512, Sapphire Rapids): about 15 for SqueezeNet, 224 x 224,
/// and 5 for ResNet-20, whose last maps have 8 x 8 positions.
std::size_t mostOneByOne(const Plan& plan);

/// The place in a network behind which images, run one by one until then, are run side by side.
struct HandOver {
    std::size_t end;       ///< steps of the plan for one image that are run
    std::size_t first;     ///< first step of the plan for as many images as there are lanes
    ActivationPiece from;  ///< the only piece in use there, in the plan for one image
    ActivationPiece to;    ///< the same piece in the plan for several
};

/// Returns where a block of images of full lanes is best handed over: activations of early layers
/// are large, so that those of one image fit the cache and those of a block don't, and late layers
/// have many weights for few positions. Nothing where running all of it side by side is faster.
/// Measured on SqueezeNet, 224 x 224 (AVX-512, Sapphire Rapids): 1.09 times.
std::optional<HandOver> handOverBetween(const Plan& oneByOne, const Plan& sideBySide);

}  // namespace brownout
