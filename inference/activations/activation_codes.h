#pragma once

#include <cstdint>

#include "base/code.h"

namespace brownout {

/// The codes in which a tensor of activations lies in a memory: the value v is the whole number
/// round(v / scale) + zero, halves to even, held in [low, high]; no number is `low`. In the memory
/// it is its two's complement of `bits` bits. Signs, which have one bit, are +scale (code 1, and
/// that of 0) and -scale (code 0, and that of no number).
struct ActivationCodes {
    float scale = 1;
    float zero = 0;  ///< a whole number in [low, high]
    float low = 0, high = 255;
    std::uint32_t bits = 8;  ///< 1 to 16
    bool isSigned = false;
    bool signs = false;  ///< values are +scale and -scale; zero, low and high mean nothing

    /// Returns the value nearest to `value` that has a code.
    float stored(float value) const;
    /// Returns the code of a value that stored() gave.
    Code encode(float value) const;
    float decode(Code code) const;
};

}  // namespace brownout
