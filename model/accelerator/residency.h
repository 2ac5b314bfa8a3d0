#pragma once

#include <cstdint>
#include <vector>

#include "base/layer_shape.h"

namespace brownout {

/// Which tensors of activations stay on chip from the layer that makes them to the last one that
/// reads them, and which layers only rename or complete another's result.
struct Residency {
    std::vector<std::size_t> root;    ///< of each tensor: the one whose elements it is
    std::vector<bool> fused;          ///< of each layer: applied to results on their way out
    std::vector<bool> stays;          ///< of each tensor, by its root
    std::vector<bool> isImage;        ///< of each tensor: comes from outside
    std::vector<bool> isResult;       ///< of each tensor, by its root: leaves the network
    std::vector<std::uint64_t> held;  ///< of each layer: bits of tensors that stay while it runs
};

/// Decides what stays in a memory of `room` bits, where an element has `bits` bits. A tensor stays
/// if it fits beside all that stay at the same time, decided in the order in which tensors are
/// made. `fusable` says which layers may be applied to results on their way out: those of one
/// input, of which they are the only reader, made by a product or another such layer.
Residency residencyOf(const NetworkShape& network, const std::vector<bool>& fusable,
                      std::uint64_t bits, std::uint64_t room);

}  // namespace brownout
