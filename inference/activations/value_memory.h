#pragma once

#include <cstddef>

#include "base/code.h"
#include "base/span.h"

namespace brownout {

/// The memory that values of a running network lie in between those who write them and those who
/// read them: it says which of them don't come back as they were written. Values are activations,
/// in tensors that are numbered as in StoredActivations, or partial sums, in tensors numbered as in
/// StoredSums. Belongs to one thread.
class ValueMemory {
 public:
    /// Elements [first, first + count) of a tensor, which lie in one word.
    struct Group {
        std::size_t first = 0;
        std::size_t count = 0;
    };

    virtual ~ValueMemory() = default;

    /// Returns the groups of a tensor that may read wrong, no two with the same elements.
    virtual Span<const Group> groups(std::size_t tensor) const = 0;

    /// Turns the codes that a group was written with, for one image, into those that are read.
    virtual void read(std::size_t tensor, std::size_t group, Span<Code> codes) = 0;
};

/// The memories that values of a running network fail in; null: as they were written.
struct FailingValues {
    ValueMemory* activations = nullptr;
    ValueMemory* sums = nullptr;

    explicit operator bool() const { return activations != nullptr || sums != nullptr; }
};

}  // namespace brownout
