#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "model/field/field_strata.h"
#include "model/field/philox_batch.h"
#include "model/uniform_field.h"

namespace brownout {

/// The darts of some strata of one level on one block. See field_strata.h.
class BlockDarts {
 public:
    /// Draws the darts of the strata [first, end), of one level. The stratum that hits every cell
    /// has none.
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

    /// Returns the groups of all runs, one after the other: the first and the second half of the
    /// darts of each.
    PhiloxBatch& groups() { return groups_; }

    /// Calls `visit(place)` with the place within the block of each dart of a run.
    template <typename Visitor>
    void forEachDart(const Run& run, Visitor&& visit) const {
        const int level = fieldStrata()[run.stratum].level;
        if (level == 0) {
            forEachDartOf<16>(run, 0, visit);
        } else {
            forEachDartOf<32>(run, 32 - kBlockBits[level], visit);
        }
    }

 private:
    template <int kBits, typename Visitor>
    void forEachDartOf(const Run& run, int unused, Visitor&& visit) const {
        constexpr std::uint64_t kMask = (std::uint64_t{1} << kBits) - 1;
        constexpr std::uint32_t kHalf = 64 / kBits;
        std::uint32_t left = run.count;
        for (std::size_t group = run.firstGroup; left > 0; ++group) {
            for (std::uint64_t darts : {groups_.first()[group], groups_.second()[group]}) {
                const std::uint32_t here = std::min(left, kHalf);
                for (std::uint32_t i = 0; i < here; ++i) {
                    visit(static_cast<std::uint32_t>((darts & kMask) >> unused));
                    darts >>= kBits;
                }
                left -= here;
            }
        }
    }

    PhiloxBatch counts_;
    PhiloxBatch groups_;
    std::vector<Run> runs_;
};

}  // namespace brownout
