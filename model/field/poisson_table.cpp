#include "model/field/poisson_table.h"

namespace brownout {

PoissonTable::PoissonTable(double mean) {
    // P(k + 1) / P(k) = mean / (k + 1): from the most likely count, whose chance we call 1 for now,
    // both ways until nothing is left that 53 bits could show.
    constexpr double kNothing = 0x1p-64;
    const auto mode = static_cast<std::uint32_t>(mean);
    std::vector<double> chances;
    double chance = 1;
    std::uint32_t k = mode;
    for (; chance >= kNothing; --k) {
        chances.push_back(chance);
        if (k == 0) break;
        chance = chance * k / mean;
    }
    lowest_ = mode + 1 - static_cast<std::uint32_t>(chances.size());
    std::vector<double> ascending(chances.rbegin(), chances.rend());
    chance = 1;
    for (k = mode + 1;; ++k) {
        chance = chance * mean / k;
        if (chance < kNothing) break;
        ascending.push_back(chance);
    }
    double total = 0;
    for (const double one : ascending) total += one;
    double sum = 0;
    for (const double one : ascending) {
        sum += one;
        below_.push_back(static_cast<std::uint64_t>(sum / total * 0x1p53));
    }
    below_.back() = std::uint64_t{1} << 53;
    std::uint32_t at = 0;
    for (std::uint64_t i = 0; i < (1U << kStartBits); ++i) {
        while (below_[at] <= i << (53 - kStartBits)) ++at;
        start_[i] = at;
    }
}

}  // namespace brownout
