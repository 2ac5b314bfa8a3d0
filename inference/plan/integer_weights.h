#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "inference/kernels/integer_kernels.h"

namespace brownout {

/// The integers of a parameter, kept in one or more forms that kernels read. A form says where
/// they are in the packed memory of an engine and has no memory itself. Setting an integer back to
/// what it was leaves the memory exactly as it was.
class IntegerForm {
 public:
    virtual ~IntegerForm() = default;
    /// Returns the integer of an element.
    virtual std::int32_t get(const std::int32_t* memory, std::size_t element) const = 0;
    /// Sets the integer of an element, and what is computed from it.
    virtual void set(std::int32_t* memory, std::size_t element, std::int32_t value) const = 0;
};

/// A bias: one word for each row.
class IntegerBias final : public IntegerForm {
 public:
    explicit IntegerBias(std::vector<std::size_t> rowAt) : rowAt_(std::move(rowAt)) {}
    std::int32_t get(const std::int32_t* memory, std::size_t row) const override {
        return memory[rowAt_[row]];
    }
    void set(std::int32_t* memory, std::size_t row, std::int32_t value) const override {
        memory[rowAt_[row]] = value;
    }

 private:
    std::vector<std::size_t> rowAt_;
};

/// Sizes of a convolution's weights, [groups * rows][channels][kernel[0]][kernel[1]], rows and
/// channels being those of a group; a matrix is one group with a kernel of 1x1. Element (row,
/// channel) of a matrix is at row * rowStep + channel * channelStep.
struct IntegerWeightSizes {
    std::size_t groups = 1, rows = 1, channels = 1;
    std::array<std::size_t, 2> kernel{1, 1};
    std::size_t rowStep = 1, channelStep = 1;
    /// Largest size of an activation less its zero point, at most 255.
    std::int32_t mostActivation = 255;
    bool winograd = false;  ///< keeps the transformed kernels, too
};

/// Weights less their zero points: in direct order (kernels::IntegerConvolveArgs), and transformed
/// for Winograd's convolution with the sum of sizes of each row, which tells whether it is exact.
class IntegerWeights final : public IntegerForm {
 public:
    IntegerWeights(const IntegerWeightSizes& sizes, std::size_t offset);

    std::int32_t get(const std::int32_t* memory, std::size_t element) const override;
    void set(std::int32_t* memory, std::size_t element, std::int32_t value) const override;

    /// Returns the words that it takes in the memory.
    std::size_t size() const { return sumsAt() + (sizes_.winograd ? sizes_.rows : 0) - offset_; }
    std::size_t directAt() const { return offset_; }
    std::size_t transformedAt() const { return offset_ + directSize(); }

    std::size_t units() const { return sizes_.groups / merged_; }
    std::size_t unitRows() const { return sizes_.rows * merged_; }
    std::size_t unitChannels() const { return sizes_.channels * merged_; }
    std::size_t unitPairs() const { return (unitChannels() + 1) / 2; }
    std::size_t rowBlock() const { return rowBlock_; }
    std::size_t blocks() const { return (unitRows() + rowBlock_ - 1) / rowBlock_; }
    std::size_t runs() const { return unitPairs() * sizes_.kernel[0]; }
    std::size_t taps() const { return sizes_.kernel[1]; }
    /// Returns the place of a row among those of its padded blocks: of its bias and factor.
    std::size_t paddedRow(std::size_t row) const;
    std::size_t paddedRows() const { return units() * blocks() * rowBlock_; }

    /// Returns whether the sums of a row may reach 2^25, more than Winograd's form gives exactly.
    bool isWide(const std::int32_t* memory, std::size_t row) const;

 private:
    struct Place {
        std::size_t unit, row, channel, y, x;
    };
    Place placeOf(std::size_t element) const;
    std::size_t directSize() const { return paddedRows() * runs() * taps(); }
    std::size_t pointSize() const { return paddedRows() * unitPairs(); }
    std::size_t sumsAt() const {
        return transformedAt() + (sizes_.winograd ? kernels::kWinogradPoints * pointSize() : 0);
    }
    std::size_t directAt(const Place& place) const;

    IntegerWeightSizes sizes_;
    std::size_t offset_;
    std::size_t merged_ = 1;  ///< groups in a unit
    std::size_t rowBlock_ = kernels::kIntegerRows;
};

}  // namespace brownout
