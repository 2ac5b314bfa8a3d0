#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inference/formats/encoded_network.h"

namespace brownout {

/// One operation of a network, for one image.
struct LayerInfo {
    std::size_t node = 0;  ///< place among the nodes of the network
    std::string name;
    std::string op;
    Shape outputShape;            ///< shape of the result, without the batch
    std::size_t parameters = 0;   ///< trained values that the operation is the first to read
    std::uint64_t macs = 0;       ///< multiply-accumulates an image
    bool integers = false;        ///< true if it is computed in integers
    bool bits = false;            ///< true if it is computed with bits
    std::size_t storedCodes = 0;  ///< parameters that are in the SRAM
    std::size_t storedBits = 0;
};

/// A network in figures.
struct NetworkInfo {
    std::string file, name, producer;
    std::int64_t opset = 0;
    Shape imageShape;
    std::size_t classes = 0;
    std::vector<LayerInfo> layers;  ///< layers that compute or hold parameters, in order
    std::size_t parameters = 0;
    std::uint64_t macs = 0, integerMacs = 0;  ///< all, and those in integers or with bits
    std::size_t storedCodes = 0, storedBits = 0;
};

/// Returns the figures of a network with its stored tensors. Throws Error like FloatEngine.
NetworkInfo inspect(const EncodedNetwork& network);

}  // namespace brownout
