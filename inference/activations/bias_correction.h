#pragma once

#include <cstddef>

#include "inference/data/dataset.h"
#include "inference/formats/encoded_network.h"

namespace brownout {

/// Returns a copy of `network` whose biases make up for what its number format does to the mean
/// results of layers (bias correction: Nagel et al., "Data-Free Quantization Through Weight
/// Equalization and Bias Correction", ICCV 2019, in its empirical form): the weights of a layer are
/// off by E, its results by E x on average, where x are its inputs without faults on the first
/// `images` images of `data`, or all if there are fewer; that mean of each output channel is taken
/// off its bias. Layers without a bias of their own stay as they are. Throws Error if biases are
/// stored, whose codes are what they are, or no layer has a bias.
EncodedNetwork biasCorrected(const EncodedNetwork& network, const Dataset& data,
                             std::size_t images);

}  // namespace brownout
