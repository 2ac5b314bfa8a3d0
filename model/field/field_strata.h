#pragma once

#include <cstdint>
#include <vector>

#include "model/field/poisson_table.h"

namespace brownout {

// How a uniform field draws its faults without touching the other cells.
//
// *Strata* divide the ranks: [0, 2^-24), then each octave [2^-k, 2^-(k-1)) in four of equal width.
// Each stratum throws *darts* at the cells, with replacement; a cell's rank lies in the deepest
// stratum that hit it. The number of darts at a cell is Poisson, independent of all other cells,
// with a mean that makes P(hit) the chance that a rank lies in the stratum if it lies in no deeper
// one. Where in the stratum it lies is one more uniform number, of (seed, chip, cell) alone, so it
// doesn't matter how often a cell was hit, nor in which order.
//
// Darts are drawn by *blocks* of cells, so that a chip needs only the blocks it has, and a rate
// only the strata below it: first how many, Poisson again, then where. Deep strata have few darts a
// cell and therefore larger blocks: there are four *levels* of them, and a block of one level is 64
// (on top 16) of the next.
//
// The random numbers, as RandomStream(seed, kUniformField, chip, b) gives them:
//   b = 0                          draw 2 cell: the place of the cell's rank within its stratum
//   b = 2^8 + stratum              draw 2 block: how many darts
//   b = 2^16 (stratum + 1) + block darts one after the other, 16 bits each at level 0, else 32

constexpr int kLevels = 4;
/// Cells of a block, as a power of two, by level. Blocks of level 0 are called *windows*.
constexpr int kBlockBits[kLevels] = {16, 22, 28, 32};

/// Bits that place a rank within its stratum: as many as a float's rank can hold.
constexpr int kPlaceBits = 21;

struct Stratum {
    double lowest;  ///< lowest rank; the ranks are [lowest, lowest + width)
    double width;
    int level;
    bool hitsEveryCell;  ///< mark of the last stratum, [7/8, 1), which throws no darts
    PoissonTable darts;  ///< distribution of the number of darts on a block of its level
};

/// Returns all strata, ascending.
const std::vector<Stratum>& fieldStrata();

/// The strata, and the part of a stratum, that lie below a rate.
struct FieldCut {
    /// Cuts the strata at `rate`. Throws Error if it is outside [0, 1].
    explicit FieldCut(double rate);

    /// Returns whether a cell that `stratum` is the deepest to hit fails, if its place is the high
    /// bits of `placeBits`.
    bool isBelow(std::uint32_t stratum, std::uint64_t placeBits) const {
        return stratum < whole || (placeBits >> (64 - kPlaceBits)) < limit;
    }

    /// Returns whether the stratum that hits every cell has anything below the rate.
    bool hitsEveryCell() const { return end == fieldStrata().size(); }

    std::uint32_t whole;  ///< strata below this one lie below the rate entirely
    std::uint32_t end;    ///< strata from this one on lie above the rate: whole or whole + 1
    std::uint32_t limit;  ///< places of stratum `whole` that lie below the rate
};

/// Returns the rank that a place in a stratum means; a float holds it exactly.
inline float rankOf(const Stratum& stratum, std::uint64_t placeBits) {
    const auto place = static_cast<double>(placeBits >> (64 - kPlaceBits));
    return static_cast<float>(stratum.lowest +
                              stratum.width * (place / (std::uint64_t{1} << kPlaceBits)));
}

}  // namespace brownout
