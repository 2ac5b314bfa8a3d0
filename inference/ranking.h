#pragma once

#include <cstddef>
#include <optional>

#include "base/span.h"

namespace brownout {

/// Returns how many outputs come before output `label` when the largest comes first and the lower
/// index first among equals: 0 if the network chose `label`. An image with an output that is not a
/// number has no ranking: then returns the number of outputs, as if `label` came after all. Outputs
/// are to be ranked before a final Softmax, after which those that saturate tie.
std::size_t rankOf(Span<const float> outputs, std::size_t label);

/// Returns the output whose rank is 0; nothing if there is none because an output is not a number.
std::optional<std::size_t> firstOf(Span<const float> outputs);

}  // namespace brownout
