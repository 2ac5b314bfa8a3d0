#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace brownout {

/// Sizes of a tensor's axes, outermost first. In a graph's inputs -1 stands for a free size (the
/// batch).
using Shape = std::vector<std::int64_t>;

/// Returns the number of elements of a tensor of this shape; 1 for a scalar. Every size must be
/// known.
inline std::size_t elementCount(const Shape& shape) {
    std::size_t count = 1;
    for (std::int64_t size : shape) {
        count *= static_cast<std::size_t>(size);
    }
    return count;
}

/// Spells a shape "[1, 28, 28]", a free size as "?".
std::string toString(const Shape& shape);

/// Floats in row-major order (the last axis runs fastest), as everywhere in ONNX.
struct FloatTensor {
    Shape shape;
    std::vector<float> values;
};

/// Integers of a graph: shapes, axes, indices, truth values, and the codes of weights that are
/// quantised in the file.
struct IntTensor {
    Shape shape;
    std::vector<std::int64_t> values;
    std::uint32_t bits = 64;  ///< bits of an element's type in the file; 1 of truth values
    bool isSigned = true;     ///< sign of that type
};

}  // namespace brownout
