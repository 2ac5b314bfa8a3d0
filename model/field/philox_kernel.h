#pragma once

// Includes nothing with inline functions: see philox_kernel.inc.

#include <cstddef>
#include <cstdint>

namespace brownout {

/// Blocks that the widest kernel draws at once: the kernels take whole steps only.
constexpr std::size_t kPhiloxStep = 8;

/// Arguments of Philox4x32-10 (Salmon et al., SC 2011): the seed and `blocks` counters (position,
/// b, a, domain).
struct PhiloxInput {
    std::uint64_t seed;
    std::uint32_t domain;
    std::uint32_t a;
    const std::uint32_t* position;
    const std::uint32_t* b;
    std::size_t blocks;  ///< a multiple of kPhiloxStep
};

/// Function that draws the blocks: their first and their second 64 bits. All kernels give the same
/// bits.
using PhiloxKernel = void (*)(const PhiloxInput& input, std::uint64_t* first,
                              std::uint64_t* second);

/// Draws the blocks with the Random123 library: the kernel of every processor, and the oracle of
/// the others.
void philoxPortable(const PhiloxInput& input, std::uint64_t* first, std::uint64_t* second);

}  // namespace brownout
