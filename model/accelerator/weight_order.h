#pragma once

#include <cstdint>
#include <vector>

#include "model/accelerator/systolic.h"

namespace brownout {

/// Returns the order in which the weights of one group of a product come to the array, each once:
/// at each place the number n * depth + k of weight k of filter n. Within a block they come filter
/// by filter. A layer whose weights come several times brings them in this order each time.
std::vector<std::uint32_t> weightOrder(const WeightBlocks& blocks, std::uint64_t depth,
                                       std::uint64_t filters);

}  // namespace brownout
