#pragma once

#include <string>
#include <unordered_set>

#include "inference/network.h"

namespace brownout {

/// Computes once what a network computes of constants only: constants become parameters (or
/// integers), and so does what follows from them, under the name of the value. Weights that the
/// file has quantised (DequantizeLinear, Quant, BipolarQuant of constants) become parameters with
/// fileCodes. Removes what nobody reads afterwards.
///
/// The memory holds what multiplies activations: kernels after all arithmetic on them. Three things
/// stay nodes, so that the memory holds what the file has: a parameter that is only moved
/// (transposed, reshaped), once for all its readers; one that is computed with, but not for a
/// product (the scale 1 + a of a normalisation); and constants of equal floats outside of products,
/// which nobody trained. Throws Error naming the node.
void foldConstants(Network& network);

/// Returns the values that are computed of parameters and integers only, these included.
std::unordered_set<std::string> constantsOf(const Network& network);

/// Returns whether an operator gives the elements of its input 0 another order, shape or type, and
/// changes no value.
bool isMove(const std::string& op);

}  // namespace brownout
