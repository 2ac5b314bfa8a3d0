#pragma once

#include <string>

#include "base/layer_shape.h"
#include "inference/formats/storage.h"

namespace brownout {

/// Returns whether an operator only names its input anew, or writes the same codes another way.
bool onlyRenames(const std::string& op);

/// Returns what a memory sees of a network: the products of its layers, the tensors between them,
/// and the bits of what is stored. Nodes whose result is the same for all images are left out; so
/// is their arithmetic. Throws Error like inspect().
///
/// A transposed convolution is the convolution of its widened input that it is computed as: the
/// zeros between elements count. Bits of weights are those of the tensors that `storage` stores;
/// weights that are computed from others have the bits of the format. Nothing is encoded.
NetworkShape layerShapesOf(const Network& network, const StorageSettings& storage);

}  // namespace brownout
