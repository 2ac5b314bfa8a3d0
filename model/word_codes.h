#pragma once

#include <cstdint>

#include "base/code.h"
#include "model/geometry.h"

namespace brownout {

/// The codes that a word holds: codes [first, first + count) of a tensor, one in each *slot*.
struct WordCodes {
    std::uint32_t tensor = 0;
    std::uint32_t bits = 0;   ///< bits of a code
    std::uint64_t first = 0;  ///< number of the code in slot 0
    std::uint32_t count = 0;  ///< slots that hold a code; 0 in a word of spare cells
    std::int32_t origin = 0;  ///< lowest bit of slot 0
    std::int32_t stride = 0;  ///< bits from a slot to the next one: `bits` or -`bits`
    /// Elements of the tensor in the order of its codes, or null where code i is element i.
    const std::uint32_t* order = nullptr;

    /// Returns the element of the tensor whose code is in a slot.
    std::uint64_t elementAt(std::uint32_t slot) const {
        return order == nullptr ? first + slot : order[first + slot];
    }

    /// Returns the lowest bit, within the word, of a slot.
    std::uint32_t shiftOf(std::uint32_t slot) const {
        return static_cast<std::uint32_t>(origin + static_cast<std::int32_t>(slot) * stride);
    }
    /// Returns a mask of as many low bits as a code has.
    Word codeMask() const { return (Word{1} << bits) - 1; }
    /// Returns the code in a slot of `word`.
    Code codeIn(Word word, std::uint32_t slot) const {
        return static_cast<Code>(word >> shiftOf(slot) & codeMask());
    }
    /// Returns `word` with `code` in a slot.
    Word withCode(Word word, std::uint32_t slot, Code code) const {
        return (word & ~(codeMask() << shiftOf(slot))) | Word{code} << shiftOf(slot);
    }
    /// Returns `word` in which every code that has a bit in `where` has become
    /// `substitute(element)`, asked with its number in the tensor.
    template <typename Substitute>
    Word withCodes(Word word, Word where, Substitute&& substitute) const {
        for (std::uint32_t slot = 0; slot < count; ++slot) {
            if ((where >> shiftOf(slot) & codeMask()) == 0) continue;
            word = withCode(word, slot, substitute(elementAt(slot)));
        }
        return word;
    }
};

/// The meaning of codes, for protections that look at weights. The code that knows the networks
/// implements it.
class CodeValues {
 public:
    virtual ~CodeValues() = default;

    /// Returns the weight that `code` stands for as element `element` of a tensor.
    virtual double value(std::uint32_t tensor, std::uint64_t element, Code code) const = 0;
    /// Returns the code whose weight is nearest to 0 there.
    virtual Code zeroCode(std::uint32_t tensor, std::uint64_t element) const = 0;
};

}  // namespace brownout
