#include "inference/engines/lanes.h"

#include <algorithm>

namespace brownout {

namespace {

/// Elements of all lanes that are moved before those behind them: they stay in the first-level
/// cache while one lane after the other goes through them.
constexpr std::size_t kBlock = 64;

/// Calls `move(first, end)` for blocks of elements.
template <typename Move>
void inBlocks(std::size_t elements, Move move) {
    for (std::size_t first = 0; first < elements; first += kBlock) {
        move(first, std::min(elements, first + kBlock));
    }
}

}  // namespace

void toLanes(const std::vector<const float*>& images, std::size_t elements, float* to) {
    const std::size_t lanes = images.size();
    if (lanes == 1) {
        std::copy_n(images[0], elements, to);
        return;
    }
    inBlocks(elements, [&](std::size_t first, std::size_t end) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const float* image = images[lane];
            for (std::size_t e = first; e < end; ++e) to[e * lanes + lane] = image[e];
        }
    });
}

void fromLanes(const float* from, std::size_t lanes, std::size_t elements,
               const std::vector<float*>& images) {
    inBlocks(elements, [&](std::size_t first, std::size_t end) {
        for (std::size_t lane = 0; lane < images.size(); ++lane) {
            float* image = images[lane];
            for (std::size_t e = first; e < end; ++e) image[e] = from[e * lanes + lane];
        }
    });
}

}  // namespace brownout
