#pragma once

#include <vector>

#include "inference/data/dataset.h"
#include "inference/formats/encoded_network.h"
#include "inference/graph/bit_regions.h"

namespace brownout {

/// The sums of one layer for some images, as its thresholds see them.
struct LayerSums {
    BitLayerInfo layer;
    std::size_t places = 1;          ///< of a row
    std::vector<std::int32_t> sums;  ///< [image][row][place]
    double meanSquare = 1;           ///< of the layer's operands: 1 for bits

    std::size_t ofAnImage() const { return static_cast<std::size_t>(layer.rows) * places; }
};

/// Returns the sums of all layers of bits for the first `images` images. Throws Error if there is
/// none or the last one gives no scores.
std::vector<LayerSums> sumsOfLayers(const EncodedNetwork& network, const Dataset& data,
                                    std::size_t images);

/// Returns the bit error rate of weights at which the accuracy drops by `drop`, as the sums say it.
///
/// A model without parameters. Let a share e of a sum's n operands have the wrong sign: h becomes
/// normal with mean (1 - 2 e) h and variance 4 n e (1 - e) (times the mean square of bytes; number
/// by number where few are wrong), and the neuron is wrong with the probability that this lies
/// beyond its threshold. The mean of that over neurons and images is the error rate of the next
/// layer's activations, which joins that of the weights. In the end two scores change places
/// likewise. It leaves out that a chip's errors are the same for all images, and that neurons are
/// wrong together.
double predictedTolerance(const std::vector<LayerSums>& layers,
                          const std::vector<std::int32_t>& labels, double drop);

}  // namespace brownout
