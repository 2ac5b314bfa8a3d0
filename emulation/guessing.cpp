#include "emulation/guessing.h"

#include <cmath>

#include "base/numbers.h"

namespace brownout {

std::uint64_t mostRightByGuessing(std::uint64_t images, std::uint64_t classes) {
    const double chance = 1.0 / static_cast<double>(classes);
    const auto n = static_cast<double>(images);
    double below = 0;
    // Probabilities one by one, from that of none right; by their logarithms, which don't vanish.
    double logarithm = n * std::log1p(-chance);
    for (std::uint64_t right = 0; right < images; ++right) {
        below += std::exp(logarithm);
        if (below >= 0.995) return right;
        const auto k = static_cast<double>(right);
        logarithm += std::log((n - k) / (k + 1) * chance / (1 - chance));
    }
    return images;
}

std::optional<std::string> guessingWarning(const std::string& network, std::uint64_t wrong,
                                           std::uint64_t images, std::uint64_t classes) {
    constexpr std::uint64_t kFewestImages = 50;
    if (images < kFewestImages || classes < 2 || wrong > images) return std::nullopt;
    if (images - wrong > mostRightByGuessing(images, classes)) return std::nullopt;
    const double error = static_cast<double>(wrong) / static_cast<double>(images);
    return network + ": without faults " + percent(error) + " % of " + std::to_string(images) +
           " images are wrong, as by guessing among " + std::to_string(classes) +
           " classes. Perhaps pixels are scaled otherwise than in training (--scale, --mean, "
           "--std), channels in another order (--bgr), or labels count from 1 (--labels-offset -1)";
}

}  // namespace brownout
