#pragma once

#include <cstdint>
#include <vector>

#include "model/geometry.h"
#include "model/uniform_field.h"

namespace brownout {

/// A word whose faulty cells all flip, in 12 bytes instead of 32: uniform fields have them by the
/// million.
struct FlippedWord {
    std::uint32_t word;
    std::uint32_t low, high;  ///< halves of the flips

    Word flips() const { return (Word{high} << 32) | low; }
};

/// Draws the cells that UniformField::draw(rate) gives, by words of 64 consecutive ones: writes the
/// words among the first `words` that hold any, ascending, to `out`, whose old content is dropped.
/// Gives no ranks, and is several times faster. Throws Error if the rate is outside [0, 1].
void drawFlippedWords(const UniformField& field, double rate, std::uint64_t words,
                      std::vector<FlippedWord>& out);

}  // namespace brownout
