#pragma once

#include "inference/network.h"

namespace brownout {

/// Returns a copy of `network` in which neighbouring layers have weights of equal ranges, channel
/// by channel (weight equalisation: Nagel et al., "Data-Free Quantization Through Weight
/// Equalization and Bias Correction", ICCV 2019, section 4.1): what a layer makes of a channel is
/// divided by s, and the weights of the layers that read it are multiplied by s, with s = sqrt(r1 /
/// r2) for the largest weights r1 before and r2 behind it. The network computes the same up to
/// rounding; a quantiser with one range for a tensor then loses less. Throws Error naming the file
/// if no channel can be scaled, because normalisations or other operators lie between all layers.
Network withEqualizedWeights(Network network);

}  // namespace brownout
