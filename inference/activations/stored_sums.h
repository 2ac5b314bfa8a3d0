#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/code.h"

namespace brownout {

/// The partial sums of a product (Conv, Gemm, MatMul) in a memory of accumulators.
///
/// An accelerator adds up `foldDepth` of the products that make a sum at a time. What it has then
/// is written to the memory and read back: by the next fold, which goes on with it, or at the end
/// by whatever takes the result. Summands come in the order of the weights in the file.
///
/// A sum is a whole number of steps in two's complement, cut to its bits: the step is that of the
/// weights times that of the activations. Where one of them has none, because it is a float, a sum
/// is an IEEE number of 32 bits. The bias is added afterwards.
struct StoredSum {
    std::string value;  ///< name of the product's result in the network
    std::uint64_t groups = 1, positions = 1, filters = 1;  ///< filters of a group
    std::uint64_t depth = 1;                               ///< summands
    std::uint64_t foldDepth = 1;  ///< summands of a fold, 1 to depth; the last fold has the rest
    std::uint64_t tile = 1;       ///< filters of a group whose sums lie in the memory together
    std::uint32_t bits = 32;      ///< 2 to 32
    std::vector<float> steps;     ///< one, or one for each filter of each group; empty: floats
    std::size_t firstTensor = 0;  ///< number of the first tile among those of all products

    /// Returns the tiles of all groups. Each is a tensor of the memory: its sums position by
    /// position, and those of a position filter by filter.
    std::uint64_t tiles() const { return groups * tilesOfGroup(); }
    std::uint64_t tilesOfGroup() const { return (filters + tile - 1) / tile; }
    /// Returns the times that each sum is written and read for an image.
    std::uint64_t folds() const { return (depth + foldDepth - 1) / foldDepth; }
    /// Returns the filters of a tile, counted over all groups.
    std::uint64_t filtersOf(std::uint64_t tileNumber) const;
    bool isFloat() const { return steps.empty(); }
    /// Returns the step of a filter, counted over all groups, where sums are whole numbers.
    double stepOf(std::size_t filter) const {
        return static_cast<double>(steps[steps.size() == 1 ? 0 : filter]);
    }

    /// Returns the code of a sum of filter `filter`, counted over all groups. What is too large, or
    /// no number, for a whole number loses its high bits.
    Code encode(double sum, std::size_t filter) const;
    double decode(Code code, std::size_t filter) const;
};

/// The partial sums of a network that lie in a memory, in the order in which they are made.
struct StoredSums {
    std::vector<StoredSum> products;

    /// Returns the tensors of all products.
    std::size_t tensors() const;
};

}  // namespace brownout
