// Compiled with AVX2: runs only where philox_batch.cpp found it.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace brownout {
namespace {

using Lanes = __m256i;
constexpr std::size_t kLanes = 4;

Lanes all(std::uint64_t x) { return _mm256_set1_epi64x(static_cast<long long>(x)); }
Lanes load(const std::uint32_t* from) {
    return _mm256_cvtepu32_epi64(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
void store(std::uint64_t* to, Lanes x) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), x); }
Lanes product(Lanes a, Lanes b) { return _mm256_mul_epu32(a, b); }
Lanes sum(Lanes a, Lanes b) { return _mm256_add_epi64(a, b); }
Lanes highHalf(Lanes x) { return _mm256_srli_epi64(x, 32); }
Lanes differ(Lanes a, Lanes b, Lanes c) { return _mm256_xor_si256(_mm256_xor_si256(a, b), c); }
Lanes pair(Lanes low, Lanes high) {
    return _mm256_blend_epi32(low, _mm256_slli_epi64(high, 32), 0xAA);
}

}  // namespace
}  // namespace brownout

#define BROWNOUT_PHILOX_KERNEL drawPhiloxAvx2
#include "model/field/philox_kernel.inc"
#endif
