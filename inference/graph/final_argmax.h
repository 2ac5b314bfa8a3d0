#pragma once

#include "inference/network.h"

namespace brownout {

/// Removes the ArgMax that a classifier ends in, with casts and changes of shape behind it: the
/// network's output becomes the scores that it chose from, which say the same and more. Changes
/// nothing in networks that end otherwise or have other readers of the ArgMax.
void removeFinalArgMax(Network& network);

}  // namespace brownout
