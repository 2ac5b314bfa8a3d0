#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "inference/network.h"

namespace brownout {

class EncodedNetwork;

/// The codes that a quantising node makes, less the zero point.
struct CodeRange {
    float scale = 1;
    std::int64_t zero = 0;
    std::int64_t low = 0, high = 255;  ///< of codes

    float lowest() const { return static_cast<float>(low - zero); }
    float highest() const { return static_cast<float>(high - zero); }
    /// Returns the largest size of a code less its zero point.
    std::int64_t most() const { return std::max(high - zero, zero - low); }
    /// Returns the code, unclamped, less the zero point, of a bound of a Clip.
    double bound(float value) const;
};

/// Operators between a product and the codes of its result: Relu and Clip, then QuantizeLinear.
struct Tail {
    std::vector<std::size_t> nodes;  ///< all of them, QuantizeLinear last
    CodeRange range;                 ///< of the codes, clamped as Relu and Clip say
    std::string result;              ///< name of the codes
};

/// The weights of a product as integers.
struct IntegerOperand {
    std::vector<float> scales;  ///< of each row
    std::size_t rows = 0;
};

/// A network seen by those who look for patterns in it: who makes a value, who reads it, which
/// shape it has.
class Patterns {
 public:
    Patterns(const Network& network, const EncodedNetwork* encoded);

    const Network& network() const { return network_; }
    /// Returns the shape of an activation or null.
    const Shape* shapeOf(const std::string& value) const;
    /// Returns whether a value is an activation of 2 to 4 axes, the first of which is one image.
    bool isPlane(const std::string& value) const;
    /// Returns the floats of a constant or null.
    const FloatTensor* floatsOf(const std::string& value) const;
    std::optional<float> scalarOf(const std::string& value) const;

    /// Returns the range of a QuantizeLinear whose codes can be integers of pairs.
    std::optional<CodeRange> quantizes(const Node& node) const;
    /// Returns scale and zero point of a DequantizeLinear with one of each.
    std::optional<CodeRange> dequantizes(const Node& node) const;
    /// Narrows a range by a Clip of codes. Returns false if bounds aren't constants.
    bool clipCodes(const Node& node, CodeRange& range) const;
    /// Returns what follows `value` if it ends in codes and has no other reader on the way.
    std::optional<Tail> tailOf(const std::string& value) const;
    /// Returns the nodes that read a value.
    const std::vector<std::size_t>& readersOf(const std::string& value) const;
    bool isOutput(const std::string& value) const { return outputs_.count(value) != 0; }
    /// Returns whether a parameter is in the memory that fails.
    bool isStored(const std::string& parameter) const { return stored_.count(parameter) != 0; }

    /// Returns weights of at most 8 bits whose scale depends on the row only, row being element /
    /// rowStep % rows.
    std::optional<IntegerOperand> weightsOf(const std::string& parameter, std::size_t rows,
                                            std::size_t rowStep) const;
    /// Returns a bias in multiples of `units`, one for each row. Throws nothing; gives nothing if
    /// it isn't an integer and may not be rounded.
    std::optional<std::vector<std::int64_t>> biasOf(const std::string& value,
                                                    const std::vector<float>& units,
                                                    bool mayRound) const;

 private:
    std::optional<CodeRange> scaleAndZero(const Node& node) const;
    bool hasCodes(const std::string& parameter) const;

    const Network& network_;
    std::map<std::string, Shape> shapes_;
    std::map<std::string, const FloatTensor*> constants_;
    std::map<std::string, std::vector<std::size_t>> readers_;
    std::unordered_set<std::string> outputs_;
    std::unordered_set<std::string> stored_;
};

}  // namespace brownout
