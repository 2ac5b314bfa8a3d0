#pragma once

#include <map>
#include <string>
#include <variant>

#include "inference/network.h"

namespace brownout {

/// Computes a network without inputs: returns the value of every output of its nodes that is not
/// left out. Throws Error naming the node.
std::map<std::string, std::variant<FloatTensor, IntTensor>> constantResults(const Network& network);

}  // namespace brownout
