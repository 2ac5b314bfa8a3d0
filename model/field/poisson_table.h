#pragma once

#include <cstdint>
#include <vector>

namespace brownout {

/// Numbers with a Poisson distribution, by inverting it: same bits on every machine, because the
/// table is made with additions, multiplications and divisions only.
class PoissonTable {
 public:
    /// Makes the table of a mean in (0, 10^5].
    explicit PoissonTable(double mean);

    /// Returns the number for 64 uniform bits: the smallest k with u < P(count <= k), u = the high
    /// 53 bits.
    std::uint32_t count(std::uint64_t bits) const {
        const std::uint64_t u = bits >> 11;
        std::uint32_t at = start_[u >> (53 - kStartBits)];
        while (below_[at] <= u) ++at;
        return lowest_ + at;
    }

 private:
    static constexpr int kStartBits = 7;

    std::uint32_t lowest_ = 0;          ///< lowest count that has a chance which 53 bits could show
    std::vector<std::uint64_t> below_;  ///< P(count <= lowest_ + i), in 2^-53; the last is 1
    std::uint32_t start_[1 << kStartBits];  ///< start of the search, by the first bits of u
};

}  // namespace brownout
