#include "model/gap_kernel.h"

#include <Random123/philox.h>

#include <cmath>
#include <cstring>

#include "model/random.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define BROWNOUT_GAPS_AVX2 1
#else
#define BROWNOUT_GAPS_AVX2 0
#endif

// The kernels do the same operations in the same order on doubles, without fused multiply-add, so
// that they agree to the last bit on every machine; std::log would not (libraries differ), and
// doesn't vectorise.
//
// ln(u), u = (n + 1/2) 2^-41: split n + 1/2 = m 2^e with m in [sqrt(1/2), sqrt(2)), then
// ln m = 2 artanh(s), s = (m - 1) / (m + 1), |s| < 0.172: eight terms leave an error below 1e-14.
// They are summed in pairs (Estrin), because a chain of eight would wait for itself.

namespace brownout {
namespace {

constexpr double kLn2 = 0.693147180559945309417;
constexpr double kSqrt2 = 1.41421356237309504880;
constexpr double kTerms[] = {2.0, 2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11, 2.0 / 13, 2.0 / 15};
constexpr std::uint64_t kTwo52Bits =
    0x4330000000000000;                                 // of 2^52: its last mantissa bit is worth 1
constexpr std::uint64_t kOneBits = 0x3FF0000000000000;  // of 1.0
constexpr std::uint64_t kMantissa = 0x000FFFFFFFFFFFFF;

double logOfDraw(std::uint64_t bits) {
    const double n = static_cast<double>(bits >> 23) + 0.5;
    std::uint64_t pattern;
    std::memcpy(&pattern, &n, sizeof pattern);
    double e = static_cast<double>(pattern >> 52) - (1023.0 + 41.0);
    const std::uint64_t mantissa = (pattern & kMantissa) | kOneBits;
    double m;
    std::memcpy(&m, &mantissa, sizeof m);
    const bool high = m >= kSqrt2;
    m = high ? m * 0.5 : m;
    e = high ? e + 1.0 : e;
    const double s = (m - 1.0) / (m + 1.0);
    const double z = s * s;
    const double z2 = z * z;
    const double sum = ((kTerms[0] + kTerms[1] * z) + (kTerms[2] + kTerms[3] * z) * z2) +
                       ((kTerms[4] + kTerms[5] * z) + (kTerms[6] + kTerms[7] * z) * z2) * (z2 * z2);
    return e * kLn2 + s * sum;
}

}  // namespace

void drawGapsPortable(const GapStream& stream, double perGap, GapBlock& block) {
    const r123::Philox4x32::key_type key{
        {static_cast<std::uint32_t>(stream.seed), static_cast<std::uint32_t>(stream.seed >> 32)}};
    r123::Philox4x32::ctr_type counter{{static_cast<std::uint32_t>(stream.firstDraw / 2),
                                        stream.stratum, stream.chip,
                                        static_cast<std::uint32_t>(RandomDomain::kUniformField)}};
    for (std::size_t i = 0; i < kGapBlock; i += 2) {
        const auto random = r123::Philox4x32()(counter, key);
        ++counter[0];
        for (std::size_t half = 0; half < 2; ++half) {
            const std::uint64_t bits =
                (std::uint64_t{random[2 * half + 1]} << 32) | random[2 * half];
            block.gap[i + half] = static_cast<std::uint32_t>(logOfDraw(bits) * perGap);
            block.rank[i + half] = random[2 * half] & 0x7FFFFF;
        }
    }
}

void drawGapsReference(const GapStream& stream, double perGap, GapBlock& block) {
    RandomStream random(stream.seed, RandomDomain::kUniformField, stream.chip, stream.stratum);
    for (std::uint64_t skipped = 0; skipped < stream.firstDraw; ++skipped) random.next();
    for (std::size_t i = 0; i < kGapBlock; ++i) {
        const std::uint64_t bits = random.next();
        const double u = (static_cast<double>(bits >> 23) + 0.5) * 0x1p-41;
        block.gap[i] = static_cast<std::uint32_t>(std::log(u) * perGap);
        block.rank[i] = static_cast<std::uint32_t>(bits & 0x7FFFFF);
    }
}

#if BROWNOUT_GAPS_AVX2

namespace {

/// kTerms[i] + kTerms[i + 1] z.
__attribute__((target("avx2"))) inline __m256d pair256(int i, __m256d z) {
    return _mm256_add_pd(_mm256_set1_pd(kTerms[i]),
                         _mm256_mul_pd(_mm256_set1_pd(kTerms[i + 1]), z));
}

/// floor(ln(u) * perGap) of four draws of 64 bits each.
__attribute__((target("avx2"))) inline __m128i gapsOf(__m256i bits, __m256d perGap) {
    const __m256d two52 = _mm256_castsi256_pd(_mm256_set1_epi64x(kTwo52Bits));
    const __m256d one = _mm256_set1_pd(1.0);
    const __m256d half = _mm256_set1_pd(0.5);
    const __m256i n41 = _mm256_srli_epi64(bits, 23);
    const __m256d n =
        _mm256_add_pd(_mm256_sub_pd(_mm256_or_pd(_mm256_castsi256_pd(n41), two52), two52), half);
    const __m256i pattern = _mm256_castpd_si256(n);
    const __m256i exponent = _mm256_srli_epi64(pattern, 52);
    __m256d e =
        _mm256_sub_pd(_mm256_sub_pd(_mm256_or_pd(_mm256_castsi256_pd(exponent), two52), two52),
                      _mm256_set1_pd(1023.0 + 41.0));
    __m256d m = _mm256_or_pd(_mm256_and_pd(n, _mm256_castsi256_pd(_mm256_set1_epi64x(kMantissa))),
                             _mm256_castsi256_pd(_mm256_set1_epi64x(kOneBits)));
    const __m256d high = _mm256_cmp_pd(m, _mm256_set1_pd(kSqrt2), _CMP_GE_OQ);
    m = _mm256_blendv_pd(m, _mm256_mul_pd(m, half), high);
    e = _mm256_add_pd(e, _mm256_and_pd(high, one));
    const __m256d s = _mm256_div_pd(_mm256_sub_pd(m, one), _mm256_add_pd(m, one));
    const __m256d z = _mm256_mul_pd(s, s);
    const __m256d z2 = _mm256_mul_pd(z, z);
    const __m256d sum =
        _mm256_add_pd(_mm256_add_pd(pair256(0, z), _mm256_mul_pd(pair256(2, z), z2)),
                      _mm256_mul_pd(_mm256_add_pd(pair256(4, z), _mm256_mul_pd(pair256(6, z), z2)),
                                    _mm256_mul_pd(z2, z2)));
    const __m256d log =
        _mm256_add_pd(_mm256_mul_pd(e, _mm256_set1_pd(kLn2)), _mm256_mul_pd(s, sum));
    return _mm256_cvttpd_epi32(_mm256_mul_pd(log, perGap));
}

/// Low halves of four 64-bit lanes, as four 32-bit ones.
__attribute__((target("avx2"))) inline __m128i lowHalves(__m256i lanes) {
    const __m256i order = _mm256_setr_epi32(0, 2, 4, 6, 0, 0, 0, 0);
    return _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(lanes, order));
}

}  // namespace

bool hasAvx2Gaps() { return __builtin_cpu_supports("avx2") != 0; }

__attribute__((target("avx2"))) void drawGapsAvx2(const GapStream& stream, double perGap,
                                                  GapBlock& block) {
    // Philox4x32-10 (Salmon et al., SC 2011), four counters at a time, one in each 64-bit lane.
    // Only the low halves of the lanes count: a 32 x 32-bit multiplication ignores what is above.
    const __m256i multiplier0 = _mm256_set1_epi64x(0xD2511F53);
    const __m256i multiplier1 = _mm256_set1_epi64x(0xCD9E8D57);
    const __m256i low = _mm256_set1_epi64x(0xFFFFFFFF);
    const __m256i low23 = _mm256_set1_epi64x(0x7FFFFF);
    const __m256d scale = _mm256_set1_pd(perGap);
    // The key schedule is the same for every counter.
    __m256i key0[10];
    __m256i key1[10];
    for (std::uint32_t round = 0; round < 10; ++round) {
        key0[round] =
            _mm256_set1_epi64x(static_cast<std::uint32_t>(stream.seed) + round * 0x9E3779B9U);
        key1[round] =
            _mm256_set1_epi64x(static_cast<std::uint32_t>(stream.seed >> 32) + round * 0xBB67AE85U);
    }
    const auto first = static_cast<std::uint32_t>(stream.firstDraw / 2);
    for (std::size_t i = 0; i < kGapBlock; i += 8) {
        const std::uint32_t at = first + static_cast<std::uint32_t>(i / 2);
        __m256i x0 = _mm256_setr_epi64x(at, at + 1, at + 2, at + 3);
        __m256i x1 = _mm256_set1_epi64x(stream.stratum);
        __m256i x2 = _mm256_set1_epi64x(stream.chip);
        __m256i x3 = _mm256_set1_epi64x(static_cast<std::uint32_t>(RandomDomain::kUniformField));
        for (int round = 0; round < 10; ++round) {
            const __m256i product0 = _mm256_mul_epu32(x0, multiplier0);
            const __m256i product1 = _mm256_mul_epu32(x2, multiplier1);
            x0 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(product1, 32), x1),
                                  key0[round]);
            x2 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(product0, 32), x3),
                                  key1[round]);
            x1 = product1;
            x3 = product0;
        }
        const __m256i even = _mm256_or_si256(_mm256_slli_epi64(x1, 32), _mm256_and_si256(x0, low));
        const __m256i odd = _mm256_or_si256(_mm256_slli_epi64(x3, 32), _mm256_and_si256(x2, low));
        const __m128i evenGap = gapsOf(even, scale);
        const __m128i oddGap = gapsOf(odd, scale);
        const __m128i evenRank = lowHalves(_mm256_and_si256(even, low23));
        const __m128i oddRank = lowHalves(_mm256_and_si256(odd, low23));
        auto* gap = reinterpret_cast<__m128i*>(block.gap + i);
        auto* rank = reinterpret_cast<__m128i*>(block.rank + i);
        _mm_store_si128(gap, _mm_unpacklo_epi32(evenGap, oddGap));
        _mm_store_si128(gap + 1, _mm_unpackhi_epi32(evenGap, oddGap));
        _mm_store_si128(rank, _mm_unpacklo_epi32(evenRank, oddRank));
        _mm_store_si128(rank + 1, _mm_unpackhi_epi32(evenRank, oddRank));
    }
}

bool hasAvx512Gaps() { return __builtin_cpu_supports("avx512f") != 0; }

namespace {

/// kTerms[i] + kTerms[i + 1] z.
__attribute__((target("avx512f"))) inline __m512d pair512(int i, __m512d z) {
    return _mm512_add_pd(_mm512_set1_pd(kTerms[i]),
                         _mm512_mul_pd(_mm512_set1_pd(kTerms[i + 1]), z));
}

/// floor(ln(u) * perGap) of eight draws of 64 bits each.
__attribute__((target("avx512f"))) inline __m256i gapsOf(__m512i bits, __m512d perGap) {
    const __m512i two52 = _mm512_set1_epi64(kTwo52Bits);
    const __m512d one = _mm512_set1_pd(1.0);
    const auto toDouble = [&](__m512i integer) __attribute__((target("avx512f"))) {
        return _mm512_sub_pd(_mm512_castsi512_pd(_mm512_or_si512(integer, two52)),
                             _mm512_castsi512_pd(two52));
    };
    const __m512d n = _mm512_add_pd(toDouble(_mm512_srli_epi64(bits, 23)), _mm512_set1_pd(0.5));
    const __m512i pattern = _mm512_castpd_si512(n);
    __m512d e =
        _mm512_sub_pd(toDouble(_mm512_srli_epi64(pattern, 52)), _mm512_set1_pd(1023.0 + 41.0));
    __m512d m = _mm512_castsi512_pd(_mm512_or_si512(
        _mm512_and_si512(pattern, _mm512_set1_epi64(kMantissa)), _mm512_set1_epi64(kOneBits)));
    const __mmask8 high = _mm512_cmp_pd_mask(m, _mm512_set1_pd(kSqrt2), _CMP_GE_OQ);
    m = _mm512_mask_mul_pd(m, high, m, _mm512_set1_pd(0.5));
    e = _mm512_mask_add_pd(e, high, e, one);
    const __m512d s = _mm512_div_pd(_mm512_sub_pd(m, one), _mm512_add_pd(m, one));
    const __m512d z = _mm512_mul_pd(s, s);
    const __m512d z2 = _mm512_mul_pd(z, z);
    const __m512d sum =
        _mm512_add_pd(_mm512_add_pd(pair512(0, z), _mm512_mul_pd(pair512(2, z), z2)),
                      _mm512_mul_pd(_mm512_add_pd(pair512(4, z), _mm512_mul_pd(pair512(6, z), z2)),
                                    _mm512_mul_pd(z2, z2)));
    const __m512d log =
        _mm512_add_pd(_mm512_mul_pd(e, _mm512_set1_pd(kLn2)), _mm512_mul_pd(s, sum));
    return _mm512_cvttpd_epi32(_mm512_mul_pd(log, perGap));
}

/// a0 b0 a1 b1 ... of two vectors of eight.
__attribute__((target("avx512f"))) inline __m512i interleaved(__m256i a, __m256i b) {
    const __m512i order = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    return _mm512_permutex2var_epi32(_mm512_castsi256_si512(a), order, _mm512_castsi256_si512(b));
}

}  // namespace

__attribute__((target("avx512f"))) void drawGapsAvx512(const GapStream& stream, double perGap,
                                                       GapBlock& block) {
    // As above, eight counters at a time.
    const __m512i multiplier0 = _mm512_set1_epi64(0xD2511F53);
    const __m512i multiplier1 = _mm512_set1_epi64(0xCD9E8D57);
    const __m512i low = _mm512_set1_epi64(0xFFFFFFFF);
    const __m512i low23 = _mm512_set1_epi64(0x7FFFFF);
    const __m512d scale = _mm512_set1_pd(perGap);
    const auto first = static_cast<std::uint32_t>(stream.firstDraw / 2);
    for (std::size_t i = 0; i < kGapBlock; i += 16) {
        const std::uint32_t at = first + static_cast<std::uint32_t>(i / 2);
        __m512i x0 = _mm512_setr_epi64(at, at + 1, at + 2, at + 3, at + 4, at + 5, at + 6, at + 7);
        __m512i x1 = _mm512_set1_epi64(stream.stratum);
        __m512i x2 = _mm512_set1_epi64(stream.chip);
        __m512i x3 = _mm512_set1_epi64(static_cast<std::uint32_t>(RandomDomain::kUniformField));
        __m512i key0 = _mm512_set1_epi64(static_cast<std::uint32_t>(stream.seed));
        __m512i key1 = _mm512_set1_epi64(static_cast<std::uint32_t>(stream.seed >> 32));
        for (int round = 0; round < 10; ++round) {
            const __m512i product0 = _mm512_mul_epu32(x0, multiplier0);
            const __m512i product1 = _mm512_mul_epu32(x2, multiplier1);
            x0 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(product1, 32), x1, key0, 0x96);
            x2 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(product0, 32), x3, key1, 0x96);
            x1 = product1;
            x3 = product0;
            key0 = _mm512_add_epi64(key0, _mm512_set1_epi64(0x9E3779B9));
            key1 = _mm512_add_epi64(key1, _mm512_set1_epi64(0xBB67AE85));
        }
        const __m512i even = _mm512_or_si512(_mm512_slli_epi64(x1, 32), _mm512_and_si512(x0, low));
        const __m512i odd = _mm512_or_si512(_mm512_slli_epi64(x3, 32), _mm512_and_si512(x2, low));
        _mm512_store_si512(block.gap + i, interleaved(gapsOf(even, scale), gapsOf(odd, scale)));
        _mm512_store_si512(block.rank + i,
                           interleaved(_mm512_cvtepi64_epi32(_mm512_and_si512(even, low23)),
                                       _mm512_cvtepi64_epi32(_mm512_and_si512(odd, low23))));
    }
}

#else

bool hasAvx2Gaps() { return false; }
bool hasAvx512Gaps() { return false; }
void drawGapsAvx2(const GapStream& stream, double perGap, GapBlock& block) {
    drawGapsPortable(stream, perGap, block);
}
void drawGapsAvx512(const GapStream& stream, double perGap, GapBlock& block) {
    drawGapsPortable(stream, perGap, block);
}

#endif

void drawGaps(const GapStream& stream, double perGap, GapBlock& block) {
    static const auto kernel = hasAvx512Gaps() ? drawGapsAvx512
                               : hasAvx2Gaps() ? drawGapsAvx2
                                               : drawGapsPortable;
    kernel(stream, perGap, block);
}

}  // namespace brownout
