#include "inference/engines/lanes.h"

#include <xmmintrin.h>

#include <algorithm>

namespace brownout {

namespace {

/// Elements of all lanes that are moved before those behind them: they stay in the first-level
/// cache while one lane after the other goes through them.
constexpr std::size_t kBlock = 64;

/// Lanes, and elements, that are turned at once.
constexpr std::size_t kSide = 4;

/// Turns rows of kSide floats to columns.
void turn(const float* const (&rows)[kSide], float* const (&columns)[kSide]) {
    __m128 a = _mm_loadu_ps(rows[0]);
    __m128 b = _mm_loadu_ps(rows[1]);
    __m128 c = _mm_loadu_ps(rows[2]);
    __m128 d = _mm_loadu_ps(rows[3]);
    _MM_TRANSPOSE4_PS(a, b, c, d);
    _mm_storeu_ps(columns[0], a);
    _mm_storeu_ps(columns[1], b);
    _mm_storeu_ps(columns[2], c);
    _mm_storeu_ps(columns[3], d);
}

/// Calls `square(lane, element)` for squares of kSide lanes and elements, and `single(lane,
/// element)` for what is left.
template <typename Square, typename Single>
void inSquares(std::size_t lanes, std::size_t elements, Square square, Single single) {
    for (std::size_t first = 0; first < elements; first += kBlock) {
        const std::size_t end = std::min(elements, first + kBlock);
        std::size_t lane = 0;
        for (; lane + kSide <= lanes; lane += kSide) {
            std::size_t e = first;
            for (; e + kSide <= end; e += kSide) square(lane, e);
            for (; e < end; ++e) {
                for (std::size_t l = lane; l < lane + kSide; ++l) single(l, e);
            }
        }
        for (; lane < lanes; ++lane) {
            for (std::size_t e = first; e < end; ++e) single(lane, e);
        }
    }
}

}  // namespace

void toLanes(const std::vector<const float*>& images, std::size_t elements, float* to) {
    const std::size_t lanes = images.size();
    if (lanes == 1) {
        std::copy_n(images[0], elements, to);
        return;
    }
    const auto square = [&](std::size_t lane, std::size_t e) {
        float* first = to + e * lanes + lane;
        turn({images[lane] + e, images[lane + 1] + e, images[lane + 2] + e, images[lane + 3] + e},
             {first, first + lanes, first + 2 * lanes, first + 3 * lanes});
    };
    inSquares(lanes, elements, square,
              [&](std::size_t lane, std::size_t e) { to[e * lanes + lane] = images[lane][e]; });
}

void fromLanes(const float* from, std::size_t lanes, std::size_t elements,
               const std::vector<float*>& images) {
    const auto square = [&](std::size_t lane, std::size_t e) {
        const float* first = from + e * lanes + lane;
        turn({first, first + lanes, first + 2 * lanes, first + 3 * lanes},
             {images[lane] + e, images[lane + 1] + e, images[lane + 2] + e, images[lane + 3] + e});
    };
    inSquares(images.size(), elements, square,
              [&](std::size_t lane, std::size_t e) { images[lane][e] = from[e * lanes + lane]; });
}

}  // namespace brownout
