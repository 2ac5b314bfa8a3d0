#pragma once

#include <random>

#include "inference/network.h"

namespace brownout {

/// Codes of one tensor of activations: codes of 8 bits, value (code - zero) scale.
struct Coding {
    float scale = 1;
    std::int64_t zero = 0;
    bool isSigned = false;

    std::int64_t low() const { return isSigned ? -128 : 0; }
    std::int64_t high() const { return isSigned ? 127 : 255; }
    /// Returns the code of a value, as QuantizeLinear defines it.
    std::int64_t quantize(float value) const;
};

/// A convolution or, with a size of 1 and no padding, a matrix product in codes.
struct QuantizedLayer {
    std::int64_t groups = 1, inPerGroup = 1, outPerGroup = 1, height = 1, width = 1;
    std::int64_t kernel[2] = {1, 1}, stride[2] = {1, 1}, dilation[2] = {1, 1};
    std::int64_t pads[4] = {0, 0, 0, 0};  ///< top, left, bottom, right
    Coding input, output;
    bool signedWeights = true, relu = false;
    std::vector<std::int64_t> weights, bias;
    std::vector<float> scales;        ///< of weights: one, or one for each row
    std::vector<std::int64_t> zeros;  ///< likewise

    std::int64_t rows() const { return groups * outPerGroup; }
    std::int64_t channels() const { return groups * inPerGroup; }
    std::int64_t outSize(int axis) const;
    std::size_t elementsOfRow() const {
        return static_cast<std::size_t>(inPerGroup * kernel[0] * kernel[1]);
    }
    float scaleOf(std::int64_t row) const {
        return scales[scales.size() == 1 ? 0 : static_cast<std::size_t>(row)];
    }
    std::int64_t zeroOf(std::int64_t row) const {
        return zeros[zeros.size() == 1 ? 0 : static_cast<std::size_t>(row)];
    }

    /// Fills weights, bias, scales and zero points at random, so that results use all codes.
    void fill(std::mt19937& random, bool perRow);
    /// Returns a network of this layer: QuantizeLinear, DequantizeLinear, Conv with weights and
    /// bias that are codes of the file, perhaps Relu, QuantizeLinear, DequantizeLinear.
    Network network() const;
    /// Computes the layer by its definition, one loop for each of its sums.
    std::vector<float> run(const std::vector<float>& image) const;
};

/// Returns a layer of random sizes: grouped, depthwise, strided, dilated, padded.
QuantizedLayer randomLayer(std::mt19937& random);
/// Returns a layer of random size that Winograd's algorithm can do.
QuantizedLayer randomWinogradLayer(std::mt19937& random);

/// Adds nodes that quantise and dequantise `x`; returns the name of the result.
std::string addCoding(Network& network, const std::string& x, const Coding& coding);
/// Adds a node with one output of the same name and returns the name.
std::string addNode(Network& network, const std::string& op, const std::vector<std::string>& inputs,
                    const std::map<std::string, AttributeValue>& attributes = {});

}  // namespace brownout
