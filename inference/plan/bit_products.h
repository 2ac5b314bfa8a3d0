#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "inference/plan/bit_weights.h"
#include "inference/plan/builder.h"

// Parts of products with weights of one bit: convolutions of two axes and products of a row with a
// matrix, of bits (bit_products.cpp) and of bytes (byte_products.cpp).

namespace brownout {

/// The windows of a product over rows and columns.
struct BitWindows {
    std::array<std::int64_t, 2> in{1, 1}, out{1, 1}, kernel{1, 1}, stride{1, 1}, dilation{1, 1},
        pad{0, 0};

    /// Returns the first tap, and the one behind the last, that lie inside the input along an axis.
    std::array<std::int64_t, 2> tapsInside(std::size_t axis, std::int64_t position) const {
        std::array<std::int64_t, 2> range{kernel[axis], kernel[axis]};
        for (std::int64_t tap = kernel[axis] - 1; tap >= 0; --tap) {
            const std::int64_t at = position * stride[axis] - pad[axis] + tap * dilation[axis];
            if (at < 0 || at >= in[axis]) continue;
            if (range[0] == kernel[axis]) range[1] = tap + 1;
            range[0] = tap;
        }
        return range;
    }
};

/// Places the weights of a product in the packed memory of the plan.
std::shared_ptr<const BitWeights> packBitWeights(PlanBuilder& builder, const Node& node,
                                                 const BitWeightSizes& sizes);

/// Returns the node's thresholds as the kernels read them.
std::vector<std::int32_t> paddedThresholds(const Node& node, const BitWeights& weights);

/// Returns the words of `rows` rows that the node's result is inverted with.
std::vector<std::int32_t> invertedRows(const Node& node, std::size_t rows);

/// Adds the steps of a product of bytes, which are made of the floats `x`, with a result of bits.
void addByteProduct(PlanBuilder& builder, const Node& node, const PlanValue& x,
                    const BitWindows& windows, const BitWeightSizes& sizes, const Shape& shape);

}  // namespace brownout
