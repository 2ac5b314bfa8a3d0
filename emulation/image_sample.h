#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "model/random.h"

namespace brownout {

/// Returns `count` of the images, each set of them equally likely, ascending. `count` is at most
/// their number.
inline std::vector<std::uint32_t> sampleOf(std::vector<std::uint32_t> images, std::size_t count,
                                           RandomStream& random) {
    for (std::size_t i = 0; i < count; ++i) {
        const auto left = static_cast<double>(images.size() - i);
        std::swap(images[i], images[i + static_cast<std::size_t>(random.uniform() * left)]);
    }
    images.resize(count);
    std::sort(images.begin(), images.end());
    return images;
}

}  // namespace brownout
