#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/portable_math.h"
#include "model/random.h"

namespace brownout {

/// Number of the deepest stratum. The rank of a cell lies in one of the strata [2^-(k+1), 2^-k), k
/// = 0 .. kDeepestRankStratum - 1, or in the last one, [0, 2^-kDeepestRankStratum), of which a
/// column of 1024 cells has about one.
constexpr int kDeepestRankStratum = 10;

inline double lowestRankOf(int stratum) {
    return stratum == kDeepestRankStratum ? 0 : std::ldexp(1.0, -(stratum + 1));
}

/// Ranks of the cells of one column, uniform in (0, 1) and independent, drawn only as far
/// as they are asked for.
///
/// Strata come deepest first. Among the cells that are in no deeper stratum each is in the next one
/// with a fixed chance, so the gaps between candidates are geometric; a candidate that turned up in
/// a deeper stratum already has its rank from there. Each stratum of each column has a random
/// stream of its own, (chip, column * 16 + stratum), whose numbers are in turn a gap and a rank.
class ColumnRanks {
 public:
    explicit ColumnRanks(std::uint32_t rows) : seenIn_(rows, 0) {
        for (int k = 0; k <= kDeepestRankStratum; ++k) {
            const double lowest = lowestRankOf(k);
            const double width = std::ldexp(1.0, -k) - lowest;
            // In stratum 0 is every cell that is left: a gap of zero.
            perGap_[k] = k == 0 ? 0 : 1 / portableLog1p(-width / (1 - lowest));
        }
    }

    /// Calls `visit(position, rank)` for the cells at the first `reach(stratum)` positions of each
    /// stratum. `reach` may not be larger for a stratum than for a deeper one; a stratum it is zero
    /// for ends the visit.
    template <typename Reach, typename Visitor>
    void visit(std::uint64_t seed, std::uint32_t chip, std::uint32_t line, Reach&& reach,
               Visitor&& visit) {
        ++visits_;
        for (int k = kDeepestRankStratum; k >= 0; --k) {
            const std::uint32_t end = reach(k);
            if (end == 0) return;
            RandomStream stream(seed, RandomDomain::kSpatialRank, chip,
                                (line << 4) | static_cast<std::uint32_t>(k));
            const double lowest = lowestRankOf(k);
            const double width = std::ldexp(1.0, -k) - lowest;
            std::uint64_t at = gap(stream, k);
            while (at < end) {
                const double rank = lowest + width * (stream.uniform() + 0x1p-54);
                if (seenIn_[at] != visits_) {
                    seenIn_[at] = visits_;
                    visit(static_cast<std::uint32_t>(at), rank);
                }
                at += 1 + gap(stream, k);
            }
        }
    }

 private:
    std::uint64_t gap(RandomStream& stream, int stratum) const {
        // Exact before the logarithm: uniform() is a multiple of 2^-53.
        return static_cast<std::uint64_t>(portableLog(1 - stream.uniform()) * perGap_[stratum]);
    }

    std::vector<std::uint32_t> seenIn_;  ///< the visit in which a position got its rank
    std::uint32_t visits_ = 0;
    double perGap_[kDeepestRankStratum + 1];
};

}  // namespace brownout
