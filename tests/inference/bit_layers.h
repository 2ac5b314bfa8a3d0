#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "inference/network.h"

namespace brownout {

/// A layer of a binarised network: signs of an image (or its bytes), a convolution with weights of
/// plus and minus one, perhaps a maximum over windows, factors and summands of channels, a sign;
/// then a product of all of them, so that there is something to compare.
struct BitLayer {
    enum class Padding { kZeros, kPlus, kMinus };
    enum class Pool { kNone, kBefore, kBetween, kBehind };
    enum class Sign { kBipolar, kSign };

    std::int64_t groups = 1, inPerGroup = 1, outPerGroup = 1, height = 1, width = 1;
    std::int64_t kernel[2] = {1, 1}, stride[2] = {1, 1}, dilation[2] = {1, 1};
    std::int64_t pads[4] = {0, 0, 0, 0};  ///< top, left, bottom, right
    Padding padding = Padding::kZeros;
    Pool pool = Pool::kNone;  ///< before factors, between factors and summands, behind the sign
    std::int64_t window = 2, windowStride = 2;
    std::int64_t windowPads[4] = {0, 0, 0, 0};  ///< top, left, bottom, right; less than the window
    Sign sign = Sign::kBipolar;
    bool matrix = false, transposed = true, bytes = false, batchNorm = false;
    bool flattened = false;  ///< a matrix's image is a plane that was flattened
    bool signedBytes = false, narrowBytes = false, floorsBytes = false;
    std::int64_t byteWidth = 8;                  ///< bits of a byte's code
    std::vector<std::int32_t> weights;           ///< +1 or -1
    std::vector<std::int32_t> lastWeights;       ///< of the last product
    std::vector<float> factors, summands;        ///< of rows
    float weightScale = 1, activationScale = 1;  ///< whole, or powers of two: floats are exact

    static constexpr std::int64_t kLastRows = 3;

    std::int64_t rows() const { return groups * outPerGroup; }
    std::int64_t channels() const { return groups * inPerGroup; }
    std::int64_t sumSize(int axis) const;
    std::int64_t outSize(int axis) const;
    std::size_t imageElements() const {
        return static_cast<std::size_t>(channels() * height * width);
    }
    std::size_t outputElements() const {
        return static_cast<std::size_t>(rows() * outSize(0) * outSize(1));
    }

    /// Returns the network that computes it, with weights that are BipolarQuant codes of the file.
    Network network() const;
    /// Computes the scores of an image by definition, in whole numbers and doubles.
    std::vector<float> run(const std::vector<float>& image) const;
    /// Returns the smallest and the largest code of a byte, and the code of a value.
    std::int64_t lowestByte() const;
    std::int64_t highestByte() const;
    std::int64_t byteOf(float value) const;
    /// Computes the signs before the last product.
    std::vector<std::int32_t> signsOf(const std::vector<float>& image) const;
};

/// Returns a layer of random sizes: groups, strides, dilations, padding of each kind, pools,
/// factors of both signs and zero, summands that make ties.
BitLayer randomBitLayer(std::mt19937& random);

/// Returns an image for a layer: small whole numbers, or multiples of a quarter of the bytes' step,
/// also beyond their range.
std::vector<float> randomBitImage(const BitLayer& layer, std::mt19937& random);

}  // namespace brownout
