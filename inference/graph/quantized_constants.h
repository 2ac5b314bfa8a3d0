#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "inference/network.h"

namespace brownout {

/// A tensor and the codes that it has in the file.
using QuantizedTensor = std::pair<FloatTensor, FileCodes>;

/// Computes the one node of `network`, of constants only, if it is one that quantises: codes as
/// integers (QuantizeLinear, Clip of codes), or the values that codes stand for (DequantizeLinear,
/// Quant, IntQuant, BipolarQuant). Returns nothing for other nodes. Throws Error naming the node.
std::optional<std::variant<IntTensor, QuantizedTensor>> quantizedConstant(const Network& network);

}  // namespace brownout
