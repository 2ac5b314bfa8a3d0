#pragma once

#include <cstddef>
#include <cstdint>

#include "base/code.h"
#include "base/span.h"

namespace brownout {

/// The codes in which a tensor of activations lies in a memory: the value v is the whole number
/// round(v / scale) + zero, halves to even, held in [low, high]; no number is `low`. In the memory
/// it is its two's complement of `bits` bits.
struct ActivationCodes {
    float scale = 1;
    float zero = 0;  ///< a whole number in [low, high]
    float low = 0, high = 255;
    std::uint32_t bits = 8;  ///< 1 to 16
    bool isSigned = false;

    /// Returns the value nearest to `value` that has a code.
    float stored(float value) const;
    /// Returns the code of a value that stored() gave.
    Code encode(float value) const;
    float decode(Code code) const;
};

/// The memory that activations lie in between the layer that writes them and those that read them,
/// as a running network sees it: which of them don't come back as they were written. Tensors are
/// numbered as in StoredActivations. Belongs to one thread.
class ActivationMemory {
 public:
    /// Elements [first, first + count) of a tensor, which lie in one word.
    struct Group {
        std::size_t first = 0;
        std::size_t count = 0;
    };

    virtual ~ActivationMemory() = default;

    /// Returns the groups of a tensor that may read wrong, no two with the same elements.
    virtual Span<const Group> groups(std::size_t tensor) const = 0;

    /// Turns the codes that a group was written with, for one image, into those that are read.
    virtual void read(std::size_t tensor, std::size_t group, Span<Code> codes) = 0;
};

}  // namespace brownout
