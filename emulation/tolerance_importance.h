#pragma once

#include <vector>

#include "emulation/tolerance_sums.h"
#include "inference/data/dataset.h"
#include "inference/formats/encoded_network.h"

namespace brownout {

/// Returns the importance of every neuron of every layer with bits but the last, by layer: the
/// share of the first `images` images of `data` that are lost when its output is inverted. What
/// comes before the neuron is computed once for all; memory: at most 256 MiB of activations beside
/// one engine a thread. Throws Error naming the file if a layer doesn't read all of the one before.
std::vector<std::vector<double>> importancesOf(const EncodedNetwork& network, const Dataset& data,
                                               std::size_t images,
                                               const std::vector<BitLayerInfo>& layers,
                                               unsigned threads);

}  // namespace brownout
