#pragma once

#include <string>
#include <vector>

#include "inference/engines/engine.h"

namespace brownout {

/// The time that an engine takes for the images that it works on at once, a block, on one thread:
/// of each part the least of many blocks.
struct LayerTimes {
    std::string instructionSet, arithmetic;
    std::size_t images = 0;           ///< images in a block
    std::vector<double> nodeSeconds;  ///< of each node of the network, in its order
    double otherSeconds = 0;          ///< of all else: images in, outputs out
    /// Floating-point operations a second of multiplications and additions that stay in registers:
    /// what sums in direct order can't exceed.
    double peakFlops = 0;

    /// Returns the sum of all parts.
    double blockSeconds() const;
};

/// Measures for about `seconds`. The engine must be of all `nodes` nodes of a network.
LayerTimes timeLayers(Engine& engine, std::size_t nodes, double seconds);

}  // namespace brownout
