#pragma once

// Private to the uniform field.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "model/gap_kernel.h"

namespace brownout {

/// The rank of a cell lies in one of the strata [2^-(k+1), 2^-k), k = 0 .. kDeepestStratum - 1, or
/// in the last one, [0, 2^-kDeepestStratum).
constexpr int kDeepestStratum = 24;

inline double lowestRankOf(int stratum) {
    return stratum == kDeepestStratum ? 0 : std::ldexp(1.0, -(stratum + 1));
}

/// Candidates of one stratum by ascending cell. Among the cells that are in no deeper stratum each
/// is in this one with a fixed chance, so the gaps between candidates are geometric, and one draw
/// jumps over all the cells between two. A candidate that is in a deeper stratum already has its
/// rank from there: whoever joins strata must drop it here.
class StratumStream {
 public:
    StratumStream() = default;
    /// `rate` limits which candidates count.
    StratumStream(std::uint64_t seed, std::uint32_t chip, int stratum, double rate)
        : stream_{seed, chip, static_cast<std::uint32_t>(stratum), 0} {
        const double lowest = lowestRankOf(stratum);
        const double width = std::ldexp(1.0, -stratum) - lowest;
        perGap_ = 1 / std::log1p(-width / (1 - lowest));
        share_ = std::min(rate - lowest, width);
        // rank < rate, in the 23 bits of a rank; exact, because the width is a power of two.
        limit_ = static_cast<std::uint32_t>(std::ceil(share_ / width * 0x1p23));
        lowest_ = static_cast<float>(lowest);
        step_ = static_cast<float>(width * 0x1p-23);
        refill();
        cell_ = block_.gap[0];
    }

    /// Share of all cells that are in this stratum and below the rate.
    double share() const { return share_; }
    std::uint64_t nextCell() const { return cell_; }

    /// Calls `visit(cell, rankBits, isBelowRate)` for every candidate below `end` that wasn't
    /// visited yet.
    template <typename Visitor>
    void visitUpTo(std::uint64_t end, Visitor&& visit) {
        std::uint64_t cell = cell_;
        std::uint32_t at = at_;
        while (cell < end) {
            const std::uint32_t rank = block_.rank[at];
            visit(cell, rank, rank < limit_);
            if (++at == kGapBlock) {
                refill();
                at = 0;
            }
            cell += std::uint64_t{block_.gap[at]} + 1;
        }
        cell_ = cell;
        at_ = at;
    }

    /// The rank that its bits stand for: a float holds it exactly.
    float rankOf(std::uint32_t bits) const { return lowest_ + step_ * static_cast<float>(bits); }

 private:
    void refill() {
        drawGaps(stream_, perGap_, block_);
        stream_.firstDraw += kGapBlock;
    }

    GapBlock block_;
    GapStream stream_;
    double perGap_ = 0;
    double share_ = 0;
    std::uint64_t cell_ = 0;
    std::uint32_t at_ = 0;
    std::uint32_t limit_ = 0;
    float lowest_ = 0;
    float step_ = 0;
};

}  // namespace brownout
