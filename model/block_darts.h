#pragma once

// Private to the uniform field.

#include <cstdint>
#include <vector>

#include "model/field_strata.h"
#include "model/philox_batch.h"
#include "model/uniform_field.h"

namespace brownout {

/// The darts of some strata of one level on one block. See field_strata.h.
class BlockDarts {
 public:
    /// Draws them for the strata [first, end), of one level. The stratum that hits every cell has
    /// none.
    void draw(const UniformField& field, std::uint32_t first, std::uint32_t end,
              std::uint32_t block);

    /// The darts of one stratum: `count` in the groups from `firstGroup` on, as many a group as the
    /// level has in 128 bits.
    struct Run {
        std::uint32_t stratum;
        std::uint32_t count;
        std::size_t firstGroup;
    };
    const std::vector<Run>& runs() const { return runs_; }
    std::uint64_t count() const { return count_; }

    /// Groups of all runs, one after the other: the first and the second half of the darts of each.
    PhiloxBatch& groups() { return groups_; }

    /// Calls `visit(cell)` with the place within the block of each dart of a run.
    template <typename Visitor>
    void forEachDart(const Run& run, Visitor&& visit) const {
        const int bits = fieldStrata()[run.stratum].level == 0 ? 16 : 32;
        const int unused = bits - kBlockBits[fieldStrata()[run.stratum].level];
        const std::uint32_t half = 64 / static_cast<std::uint32_t>(bits);
        const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
        std::size_t group = run.firstGroup;
        for (std::uint32_t left = run.count; left > 0; ++group) {
            for (std::uint64_t darts : {groups_.first()[group], groups_.second()[group]}) {
                for (std::uint32_t i = 0; i < half && left > 0; ++i, --left) {
                    visit(static_cast<std::uint32_t>((darts & mask) >> unused));
                    darts >>= bits;
                }
            }
        }
    }

 private:
    PhiloxBatch counts_;
    PhiloxBatch groups_;
    std::vector<Run> runs_;
    std::uint64_t count_ = 0;
};

}  // namespace brownout
