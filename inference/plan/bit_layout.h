#pragma once

#include <cstdint>

#include "inference/tensor.h"

namespace brownout {

/// How a tensor [1, C, H, W] lies in memory as words of 32 channels (kernels/bit_kernels.h).
/// Missing axes have size 1. A flattened tensor keeps the layout that it had: what multiplies it
/// has its weights in that order.
struct BitLayout {
    std::int64_t channels = 1, height = 1, width = 1;

    BitLayout() = default;
    explicit BitLayout(const Shape& shape) {
        channels = shape.at(1);
        if (shape.size() == 4) height = shape[2];
        if (shape.size() > 2) width = shape.back();
    }

    std::int64_t planes() const { return (channels + 31) / 32; }
    std::int64_t positions() const { return height * width; }
    std::int64_t elements() const { return channels * positions(); }
};

}  // namespace brownout
