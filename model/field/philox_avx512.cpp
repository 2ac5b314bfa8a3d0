// Compiled with AVX-512F: runs only where philox_batch.cpp found it.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace brownout {
namespace {

using Lanes = __m512i;
constexpr std::size_t kLanes = 8;

Lanes all(std::uint64_t x) { return _mm512_set1_epi64(static_cast<long long>(x)); }
Lanes load(const std::uint32_t* from) {
    return _mm512_cvtepu32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}
void store(std::uint64_t* to, Lanes x) { _mm512_storeu_si512(to, x); }
Lanes product(Lanes a, Lanes b) { return _mm512_mul_epu32(a, b); }
Lanes sum(Lanes a, Lanes b) { return _mm512_add_epi64(a, b); }
Lanes highHalf(Lanes x) { return _mm512_srli_epi64(x, 32); }
Lanes differ(Lanes a, Lanes b, Lanes c) { return _mm512_ternarylogic_epi64(a, b, c, 0x96); }
Lanes pair(Lanes low, Lanes high) {
    return _mm512_mask_blend_epi32(0xAAAA, low, _mm512_slli_epi64(high, 32));
}

}  // namespace
}  // namespace brownout

#define BROWNOUT_PHILOX_KERNEL drawPhiloxAvx512
#include "model/field/philox_kernel.inc"
#endif
