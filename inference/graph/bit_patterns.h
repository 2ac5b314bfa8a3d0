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

/// Whole numbers from 0 to 255, or from -128 to 127, times a scale.
struct ByteCoding {
    float scale = 1;
    bool isSigned = false;
    float low = 0, high = 0;  ///< range that the numbers are clipped to
    /// Name of a value from which a division by the scale, clipping and rounding to the nearest,
    /// halves to even, make the same numbers; empty if there is none.
    std::string unrounded;

    std::int64_t most() const { return isSigned ? 128 : 255; }
};

/// Returns the bytes that a node of QONNX (Quant, IntQuant) makes, nothing for other nodes.
std::optional<ByteCoding> bytesOf(const Patterns& patterns, const Node& node);

}  // namespace brownout
