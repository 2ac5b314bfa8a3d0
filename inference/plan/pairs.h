#pragma once

#include <array>
#include <cstdint>

#include "inference/tensor.h"

namespace brownout {

/// How a tensor [1, C, H, W] lies in memory as pairs of channels (kernels/integer_kernels.h), with
/// a border of zeros around its rows and columns, so that a convolution finds its padding there.
/// Missing axes have size 1.
struct PairLayout {
    std::int64_t channels = 1, height = 1, width = 1;
    std::array<std::int64_t, 4> border{0, 0, 0, 0};  ///< top, left, bottom, right

    PairLayout() = default;
    PairLayout(const Shape& shape, const std::vector<std::int64_t>& around) {
        channels = shape.at(1);
        if (shape.size() == 4) height = shape[2];
        if (shape.size() > 2) width = shape.back();
        for (std::size_t i = 0; i < border.size(); ++i) border[i] = around.at(i);
    }

    std::int64_t planes() const { return (channels + 1) / 2; }
    std::int64_t fullHeight() const { return border[0] + height + border[2]; }
    std::int64_t rowStep() const { return border[1] + width + border[3]; }
    /// Returns the distance of planes in elements, an odd number: with even ones the lines that a
    /// sum walks over fall into few sets of the cache.
    std::int64_t planeStep() const { return (fullHeight() * rowStep()) | 1; }
    /// Returns the place of the first element inside the border.
    std::int64_t inside() const { return border[0] * rowStep() + border[1]; }
    bool bordered() const { return border != std::array<std::int64_t, 4>{0, 0, 0, 0}; }
};

inline bool operator==(const PairLayout& a, const PairLayout& b) {
    return a.channels == b.channels && a.height == b.height && a.width == b.width &&
           a.border == b.border;
}

}  // namespace brownout
