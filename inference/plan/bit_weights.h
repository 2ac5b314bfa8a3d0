#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "inference/kernels/bit_kernels.h"
#include "inference/plan/integer_weights.h"

namespace brownout {

/// Sizes of a product's weights of one bit, [groups * rows][channels][kernel[0]][kernel[1]], rows
/// and channels being those of a group. Element (row, k) of a matrix, k counting channels, then the
/// kernel, is at row * rowStep + k * depthStep.
struct BitWeightSizes {
    std::size_t groups = 1, rows = 1, channels = 1;
    std::array<std::size_t, 2> kernel{1, 1};
    std::size_t rowStep = 1, depthStep = 1;
    /// Whether activations are bytes. Weights are bytes then, too, four of a kernel's row side by
    /// side: 1 and -1.
    bool bytes = false;

    std::size_t taps() const { return channels * kernel[0] * kernel[1]; }
};

/// Weights of one bit in the order of kernels::BitConvolveArgs: values are 1 for plus, 0 for minus.
/// The word of channels `w`, row `y` and column `x` of a kernel is word
/// (w kernel[0] + y) kernel[1] + x of its row; that of bytes likewise, four columns being one word.
class BitWeights final : public IntegerForm {
 public:
    BitWeights(const BitWeightSizes& sizes, std::size_t offset);

    std::int32_t get(const std::int32_t* memory, std::size_t element) const override;
    void set(std::int32_t* memory, std::size_t element, std::int32_t value) const override;

    /// Returns the words that it takes in the memory.
    std::size_t size() const { return sizes_.groups * blocks() * kernels::kBitRows * depth(); }
    std::size_t offset() const { return offset_; }
    std::size_t blocks() const { return (sizes_.rows + kernels::kBitRows - 1) / kernels::kBitRows; }
    /// Returns the words of a row.
    std::size_t depth() const { return planes_ * sizes_.kernel[0] * columns(); }
    /// Returns the words of channels that a row has.
    std::size_t planes() const { return planes_; }
    /// Returns the words of columns that a kernel has.
    std::size_t columns() const {
        return sizes_.bytes ? (sizes_.kernel[1] + 3) / 4 : sizes_.kernel[1];
    }
    /// Returns the first word of channels that a group reads.
    std::size_t firstPlane(std::size_t group) const;
    /// Returns the bits of each word [group][depth] that belong to the group; empty if all do.
    std::vector<std::int32_t> masks() const;
    /// Returns the place of a row among those of its padded blocks: of its threshold.
    std::size_t paddedRow(std::size_t row) const {
        return row / sizes_.rows * blocks() * kernels::kBitRows + row % sizes_.rows;
    }
    std::size_t paddedRows() const { return sizes_.groups * blocks() * kernels::kBitRows; }

 private:
    struct Place {
        std::size_t word;
        unsigned bit;  ///< of bits, or first bit of a byte
    };
    Place placeOf(std::size_t element) const;
    /// Returns the bit or byte that stands for plus or for minus.
    std::uint32_t fieldOf(bool plus) const;

    BitWeightSizes sizes_;
    std::size_t offset_;
    std::size_t planes_ = 1;
};

}  // namespace brownout
