#pragma once

// Private to inference: what convolutions and matrix products have in common.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "inference/plan/builder.h"

namespace brownout {

/// The data of a product step when the plan runs; input, weights and output are filled in
/// then.
struct Product {
    kernels::ConvolveArgs args{};
    std::vector<std::int32_t> offsets;
    ValueRef input, output, bias;
    bool hasBias = false;
    std::size_t weightsAt = 0;
    /// Channels of a convolution's input; 0 for matrix products.
    std::int64_t inputChannels = 0;
    std::int64_t batch = 1, inputBatchStep = 0, outputBatchStep = 0;
    std::shared_ptr<Epilogue> epilogue = std::make_shared<Epilogue>();
};

/// Adds the step that computes `product`, the result of `node`.
void addProduct(PlanBuilder& builder, const Node& node, const Product& product);

/// Returns the rows worked on at once; with few rows a group (depthwise) one by one wastes least.
std::size_t rowBlockFor(const PlanBuilder& builder, bool uniform, std::int64_t rows);

}  // namespace brownout
