#include "model/uniform_field.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>

#include "base/error.h"
#include "model/gap_kernel.h"

// Strata. The rank of a cell lies in one of the intervals [2^-(k+1), 2^-k), k = 0 .. kDeepest-1, or
// in [0, 2^-kDeepest). Faults at a rate are drawn from the smallest ranks up, a stratum at a time:
// among the cells that are in no deeper stratum, each is in this one with a fixed conditional
// probability, so the gaps between members are geometric and one draw jumps over all the cells
// between two faults. A draw that lands on a cell of a deeper stratum is dropped: that cell has its
// rank already.

namespace brownout {
namespace {

constexpr int kDeepest = 24;

/// One interval of ranks, [lowest, lowest + width), and the chance that a cell of rank at least
/// `lowest` is in it.
struct Stratum {
    int number;
    double lowest;
    double width;

    double chance() const { return width / (1 - lowest); }
};

Stratum stratum(int number) {
    const double lowest = number == kDeepest ? 0 : std::ldexp(1.0, -(number + 1));
    return {number, lowest, std::ldexp(1.0, -number) - lowest};
}

/// The members of one stratum that are below `rate`, by ascending cell. A rank has 23 bits inside
/// its stratum, which a float holds exactly.
void drawStratum(std::uint64_t seed, std::uint32_t chip, const Stratum& stratum, double rate,
                 std::uint64_t cells, std::vector<RankedCell>& found) {
    const double perGap = 1 / std::log1p(-stratum.chance());
    const auto lowest = static_cast<float>(stratum.lowest);
    const auto step = static_cast<float>(stratum.width * 0x1p-23);
    GapStream stream{seed, chip, static_cast<std::uint32_t>(stratum.number), 0};
    GapBlock block;
    std::uint64_t cell = 0;
    std::size_t count = 0;
    const double share = std::min(rate, stratum.lowest + stratum.width) - stratum.lowest;
    // rank < rate, in the 23 bits of a rank; exact, because the width is a power of two.
    const auto limit = static_cast<std::uint32_t>(std::ceil(share / stratum.width * 0x1p23));
    const double mean = static_cast<double>(cells) * share;
    found.resize(static_cast<std::size_t>(mean + 6 * std::sqrt(mean)) + kGapBlock);
    for (;;) {
        drawGaps(stream, perGap, block);
        stream.firstDraw += kGapBlock;
        if (found.size() < count + kGapBlock) found.resize(2 * (count + kGapBlock));
        RankedCell* out = found.data();
        for (std::size_t i = 0; i < kGapBlock; ++i) {
            cell += block.gap[i];
            if (cell >= cells) {
                found.resize(count);
                return;
            }
            const float rank = lowest + step * static_cast<float>(block.rank[i]);
            out[count] = {static_cast<std::uint32_t>(cell), rank};
            count += block.rank[i] < limit ? 1 : 0;
            ++cell;
        }
    }
}

std::uint64_t bitsOf(const RankedCell& cell) {
    std::uint64_t bits;
    static_assert(sizeof bits == sizeof cell);
    std::memcpy(&bits, &cell, sizeof bits);
    return bits;
}

/// The cells of either range, by ascending cell; a cell in both keeps its rank of the first. No
/// branch depends on the data: which range is next can't be predicted.
void unite(const std::vector<RankedCell>& first, const std::vector<RankedCell>& second,
           std::vector<RankedCell>& out) {
    out.resize(first.size() + second.size());
    const RankedCell* a = first.data();
    const RankedCell* b = second.data();
    const RankedCell* const aEnd = a + first.size();
    const RankedCell* const bEnd = b + second.size();
    RankedCell* to = out.data();
    while (a != aEnd && b != bEnd) {
        const std::uint64_t fromA = bitsOf(*a);
        const std::uint64_t fromB = bitsOf(*b);
        const bool takeA = a->cell <= b->cell;
        const bool takeB = b->cell <= a->cell;
        const std::uint64_t taken = fromB ^ ((fromA ^ fromB) & (0 - std::uint64_t{takeA}));
        std::memcpy(to++, &taken, sizeof taken);
        a += takeA;
        b += takeB;
    }
    to = std::copy(a, aEnd, to);
    to = std::copy(b, bEnd, to);
    out.resize(static_cast<std::size_t>(to - out.data()));
}

}  // namespace

void UniformField::draw(double rate, std::uint64_t cells, std::vector<RankedCell>& out,
                        FieldScratch& scratch) const {
    if (!(rate >= 0 && rate <= 1)) {
        std::ostringstream text;
        text << rate << "; expected a rate in [0, 1]";
        throw Error("bit error rate", text.str());
    }
    out.resize(0);
    for (int k = kDeepest; k >= 0 && stratum(k).lowest < rate; --k) {
        drawStratum(seed_, chip_, stratum(k), rate, cells, scratch.stratum);
        unite(out, scratch.stratum, scratch.united);
        out.swap(scratch.united);
    }
}

void UniformField::draw(double rate, std::uint64_t cells, std::vector<RankedCell>& out) const {
    FieldScratch scratch;
    draw(rate, cells, out, scratch);
}

}  // namespace brownout
