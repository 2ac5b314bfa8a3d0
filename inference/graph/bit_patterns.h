#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "inference/graph/integer_patterns.h"

namespace brownout {

/// The weights of a product as bits: element e has the value plus or minus the scale of its row.
struct BitOperand {
    std::string parameter;
    std::vector<float> scales;  ///< of each row
    FileCodes codes;            ///< of one bit; without codes if the file has them
};

/// A Conv, Gemm or MatMul whose weights are bits.
struct BitProduct {
    std::map<std::string, AttributeValue> attributes;  ///< of the node "BitProduct"
    BitOperand weights;
    std::string bias;           ///< name of a summand of the rows, empty for none
    std::int64_t operands = 0;  ///< activations that a sum has
    bool padded = false;        ///< sums at the edge have fewer
};

/// Returns the product that `node` is, nothing if its weights can be other than plus or minus a
/// scale of their row, faults included, or its bias can fail. `encoded` tells which parameters are
/// stored, null that none is.
std::optional<BitProduct> bitProductOf(const Patterns& patterns, const EncodedNetwork* encoded,
                                       const Node& node);

/// Returns the scale of a node of QONNX (Quant, IntQuant) that makes whole numbers from 0 to at
/// most 255 times it, nothing for other nodes.
std::optional<float> byteScaleOf(const Patterns& patterns, const Node& node);

}  // namespace brownout
