#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "inference/network.h"

namespace brownout {

/// A convolution or Gemm whose weights may be scaled row by row and column by column. A row is an
/// output channel, a column an input channel of the row's group; element k of a column is at
/// row * rowStep + column * columnStep + k * step.
struct ScalableLayer {
    std::string weights;
    std::string bias;  ///< empty for none
    std::size_t rows = 0, columns = 0, groups = 1, elements = 0;
    std::size_t rowStep = 0, columnStep = 0, step = 1;
    std::vector<std::size_t> out;  ///< number of the channel that each row makes
    std::vector<std::size_t> in;   ///< number of each channel of the input

    std::size_t inOf(std::size_t row, std::size_t column) const {
        return in[row / (rows / groups) * columns + column];
    }
};

/// Channels of activations on their way from layers to layers. A channel that is made smaller by
/// the layers that make it, and larger by those that read it, changes nothing else: all between
/// them keep factors (Relu, pooling, Concat, sums with channels of the same factor).
struct ScalableChannels {
    /// Channel of what can't be scaled.
    static constexpr std::size_t kFixed = 0;

    std::vector<ScalableLayer> layers;  ///< in the order of the network
    std::size_t channels = 1;           ///< numbers in use, with kFixed
};

/// Finds the channels of a network that may be scaled. Channels that a sum joins have one number.
ScalableChannels scalableChannels(const Network& network);

}  // namespace brownout
