#pragma once

#include <cstdint>

#include "base/span.h"
#include "model/geometry.h"

namespace brownout {

/// A weight memory as its reader sees it: what is read back depends on the supply. The functional
/// model, the SystemC model, the verilated RTL and hardware all stand behind this, and must return
/// the same words.
class WeightMemory {
 public:
    virtual ~WeightMemory() = default;

    /// Physical words the memory holds.
    virtual std::uint64_t words() const = 0;

    /// Sets the supply (unit of the chip's profile) for all reads that follow. Stored content
    /// stays. Throws Error if nothing is known about the memory at that supply.
    virtual void setSupply(double supply) = 0;

    /// Stores consecutive words, starting at physical word `first`. Throws Error if they don't fit.
    virtual void write(std::uint64_t first, Span<const Word> words) = 0;

    /// Reads consecutive words, starting at physical word `first`, as they come out at the present
    /// supply. Throws Error if they don't fit.
    virtual void read(std::uint64_t first, Span<Word> words) = 0;
};

}  // namespace brownout
