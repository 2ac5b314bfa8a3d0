#pragma once

#include <optional>

#include "inference/network.h"

namespace brownout {

/// Returns a network that gives the values before the final Softmax or LogSoftmax of `network`;
/// nothing if its first output isn't made by one. The softmax must be over all values of an image
/// (then it keeps their order), and only operators that change nothing but the shape may follow it.
/// Throws Error like FloatEngine.
std::optional<Network> withoutFinalSoftmax(const Network& network);

}  // namespace brownout
