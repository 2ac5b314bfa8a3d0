#pragma once

// Private to the model. Includes nothing with inline functions: see philox_kernel.inc.

#include <cstddef>
#include <cstdint>

namespace brownout {

/// Blocks that the widest kernel draws at once: the kernels take whole steps only.
constexpr std::size_t kPhiloxStep = 8;

/// Philox4x32-10 (Salmon et al., SC 2011) of `blocks` counters (position, b, a, domain).
struct PhiloxInput {
    std::uint64_t seed;
    std::uint32_t domain;
    std::uint32_t a;
    const std::uint32_t* position;
    const std::uint32_t* b;
    std::size_t blocks;  ///< a multiple of kPhiloxStep
};

/// The kernels, for the tests that hold them together. The portable one calls the Random123
/// library.
using PhiloxKernel = void (*)(const PhiloxInput& input, std::uint64_t* first,
                              std::uint64_t* second);
void philoxPortable(const PhiloxInput& input, std::uint64_t* first, std::uint64_t* second);
/// nullptr where the build or the processor doesn't have it.
PhiloxKernel philoxAvx2();
PhiloxKernel philoxAvx512();

}  // namespace brownout
