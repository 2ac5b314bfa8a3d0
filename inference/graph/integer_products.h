#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "inference/graph/integer_patterns.h"

namespace brownout {

/// A Conv, Gemm or MatMul whose sums can be integers.
struct IntegerProduct {
    std::map<std::string, AttributeValue> attributes;  ///< of the node "IntegerProduct"
    std::vector<float> units;  ///< value of 1 in the sum of each row: input scale * weight scale
};

/// Returns the product that `node` is of an activation with these codes, nothing if it can't be
/// one of integers.
std::optional<IntegerProduct> integerProductOf(const Patterns& patterns, const Node& node,
                                               const CodeRange& input);

/// Returns the attributes of a window of this kernel over an input of one or two axes behind the
/// channels: "kernel", "strides", "dilations", "pads" of two axes; nothing for more axes and
/// negative padding.
std::optional<std::map<std::string, AttributeValue>> integerWindowsOf(
    const Node& node, const std::vector<std::int64_t>& kernel, const Shape& input);

/// Returns the attributes of the node "IntegerPool" that does what a pooling does, nothing if there
/// is none.
std::optional<std::map<std::string, AttributeValue>> integerPoolOf(const Patterns& patterns,
                                                                   const Node& node);

/// Says to the makers of pairs how much border their readers want around them.
void giveBorders(Network& network);

}  // namespace brownout
