#pragma once

#include "base/layer_shape.h"
#include "inference/formats/encoded_network.h"

namespace brownout {

/// Returns what a memory sees of a network: the products of its layers, the tensors between them,
/// and the bits of what is stored. Nodes whose result is the same for all images are left out; so
/// is their arithmetic. Throws Error like inspect().
///
/// A transposed convolution is the convolution of its widened input that it is computed as: the
/// zeros between elements count. Bits of weights are those of the network's stored tensors; weights
/// that are computed from several tensors have the bits of the format.
NetworkShape layerShapesOf(const EncodedNetwork& network);

}  // namespace brownout
