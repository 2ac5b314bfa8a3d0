#pragma once

#include <cstdint>

namespace brownout {

/// A stored weight as the memory sees it: an unsigned integer of 1 to kMaxCodeBits bits, in the low
/// bits. Codes are all that passes between networks (inference) and memories (model).
using Code = std::uint32_t;

constexpr std::uint32_t kMaxCodeBits = 32;

/// Returns a mask of the `bits` low bits, 1 to kMaxCodeBits.
constexpr Code codeMask(std::uint32_t bits) { return ~Code{0} >> (kMaxCodeBits - bits); }

}  // namespace brownout
