#pragma once

#include <cstdint>

#include "base/span.h"
#include "model/geometry.h"
#include "model/operating_point.h"
#include "model/protection/protection.h"

namespace brownout {

/// A weight memory as its port shows it, behind its protection: what is read back depends on the
/// supply. The functional model, the SystemC model, the verilated RTL and hardware all stand behind
/// this, and must return the same words with the same statuses. What no port shows, a simulation
/// offers beside it (ChipSocket).
class WeightMemory {
 public:
    virtual ~WeightMemory() = default;

    /// Returns how many data words the memory holds. Their numbers are those of the data geometry
    /// of its CheckPlacement.
    virtual std::uint64_t words() const = 0;

    /// Returns the protection that words are written and read through.
    virtual const Protection& protection() const = 0;

    /// Sets the supply of every domain (unit of the chip's profile) and the temperature for all
    /// reads that follow, and waits until they have settled. Stored content stays. Throws Error if
    /// nothing is known about the memory there, or if it has no such domain.
    virtual void setSupply(const OperatingPoint& at) = 0;
    void setSupply(double supply) { setSupply(OperatingPoint{supply, {}, {}}); }

    /// Encodes and stores consecutive words, starting at data word `first`. Bits above the
    /// protection's wordBits() have no cells and are dropped. A block of which only some words are
    /// written is encoded anew with the others. Throws Error if the words don't fit.
    virtual void write(std::uint64_t first, Span<const Word> words) = 0;

    /// Reads and decodes consecutive words, starting at data word `first`, as they come out at the
    /// present supply. `statuses` is empty or takes one status a word. Throws Error if the words
    /// don't fit or there are more or fewer statuses than words.
    virtual void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) = 0;
    void read(std::uint64_t first, Span<Word> words) { read(first, words, {}); }

    /// Returns the voltages that were measured while words were read since the last setSupply; none
    /// from a memory that has the supply that it is told.
    virtual Span<const double> measuredSupplies() const { return {}; }

    /// Ends what the last setSupply began: a memory with a real supply lets it return to nominal.
    /// The next access must be a setSupply.
    virtual void release() {}

 protected:
    /// Checks an access. Throws Error unless words [first, first + count) are there and `statuses`
    /// is as many, or 0.
    void checkAccess(std::uint64_t first, std::uint64_t count, std::uint64_t statuses) const;
};

}  // namespace brownout
