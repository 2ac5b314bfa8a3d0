#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/field/philox_kernel.h"
#include "model/random.h"

namespace brownout {

/// Returns the kernel of an instruction set that this processor has (base/processor.h).
PhiloxKernel philoxKernel(const std::string& instructionSet);

/// Random blocks of one domain and one `a`, drawn many at a time: block i holds the 128 bits that
/// RandomStream(seed, domain, a, b) gives at its draws 2 * position and 2 * position + 1.
class PhiloxBatch {
 public:
    void clear() { size_ = 0; }

    /// Asks for `count` more blocks; the caller writes their positions where the result points,
    /// which holds until the next call.
    std::uint32_t* grow(std::uint32_t b, std::size_t count);
    /// Drops the last blocks, down to `size`.
    void shrink(std::size_t size) { size_ = size; }
    /// Asks for `count` more blocks at consecutive positions, from `position` on.
    void add(std::uint32_t b, std::uint32_t position, std::size_t count = 1);

    /// Draws all blocks that were asked for, with the kernel of activeInstructionSet().
    void draw(std::uint64_t seed, RandomDomain domain, std::uint32_t a);

    std::size_t size() const { return size_; }
    const std::uint32_t* position() const { return position_.data(); }
    /// Returns the first 64 bits of each block.
    const std::uint64_t* first() const { return first_.data(); }
    /// Returns the second 64 bits of each block.
    const std::uint64_t* second() const { return second_.data(); }
    std::uint64_t* first() { return first_.data(); }
    std::uint64_t* second() { return second_.data(); }

 private:
    std::size_t size_ = 0;
    // The sizes are multiples of kPhiloxStep.
    std::vector<std::uint32_t> position_, b_;
    std::vector<std::uint64_t> first_, second_;
};

}  // namespace brownout
