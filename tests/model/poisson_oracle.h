#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace brownout {

/// The oracle of PoissonTable: the smallest k with u < P(count <= k), summed from the library's
/// logarithms of the chances. Good to about 1e-12.
inline std::uint32_t poissonQuantile(double mean, double u) {
    auto k = static_cast<std::uint32_t>(std::max(0.0, mean - 12 * std::sqrt(mean)));
    double sum = 0;
    for (;; ++k) {
        sum += std::exp(k * std::log(mean) - mean - std::lgamma(k + 1.0));
        if (u < sum || k > mean + 12 * std::sqrt(mean) + 50) return k;
    }
}

}  // namespace brownout
