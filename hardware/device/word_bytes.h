#pragma once

#include <string>

#include "base/error.h"
#include "model/geometry.h"

namespace brownout {

// Words of a chip as the bytes of a target: word w lies at base + w * bytesOfWord, its least
// significant byte first.

/// Returns the bytes that a word takes. Throws Error unless words are of 8, 16, 32 or 64 bits.
inline std::uint64_t bytesOfWord(const SramGeometry& geometry) {
    const std::uint32_t bits = geometry.wordBits();
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64) {
        throw Error("memory", "words of " + std::to_string(bits) +
                                  " bits; expected 8, 16, 32 or 64, which are whole bytes");
    }
    return bits / 8;
}

}  // namespace brownout
