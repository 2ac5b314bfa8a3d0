#pragma once

#include <cstdint>
#include <vector>

namespace brownout {

/// A cell and its rank: uniform in [0, 1) over all cells, so that the cells that fail at rate p are
/// those of rank below p.
struct RankedCell {
    std::uint32_t cell;
    float rank;
};

/// Independent, uniformly distributed faults of one chip, nested over the rate: a cell that fails
/// at p fails at every p' > p. Which cells those are is a pure function of (seed, chip, cell): not
/// of the rates asked for, of their order, or of how many cells there are. Cost: proportional to
/// the faults, not to the cells. field_strata.h says how.
class UniformField {
 public:
    UniformField(std::uint64_t seed, std::uint32_t chip) : seed_(seed), chip_(chip) {}

    /// Draws the cells among the first `cells` (at most 2^32) whose rank is below `rate` (in [0,
    /// 1]), by ascending number, into `out`, whose old content is dropped. Throws Error if the rate
    /// is outside [0, 1].
    void draw(double rate, std::uint64_t cells, std::vector<RankedCell>& out) const;

    std::uint64_t seed() const { return seed_; }
    std::uint32_t chip() const { return chip_; }

 private:
    std::uint64_t seed_;
    std::uint32_t chip_;
};

}  // namespace brownout
