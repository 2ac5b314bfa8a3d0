#include "model/uniform_field.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/error.h"
#include "model/random.h"

// Strata. The rank of a cell lies in one of the intervals [2^-(k+1), 2^-k), k = 0 .. kDeepest-1, or
// in [0, 2^-kDeepest). Faults at a rate are drawn from the smallest ranks up, a stratum at a time:
// among the cells that are in no deeper stratum, each is in this one with a fixed conditional
// probability, so the gaps between members are geometric and one draw jumps over all the cells
// between two faults. A draw that lands on a cell of a deeper stratum is dropped: that cell has its
// rank already.

namespace brownout {
namespace {

constexpr int kDeepest = 24;

/// Appends the members of one stratum that are below `rate` to `found`, by ascending cell. A draw
/// takes 64 random bits: 41 for the gap and 23 for the rank inside the stratum, which a float holds
/// exactly.
void drawStratum(RandomStream stream, double lowest, double width, double chance, double rate,
                 std::uint64_t cells, std::vector<RankedCell>& found) {
    const double perGap = 1 / std::log1p(-chance);
    double next = 0;  // exact: below 2^53
    for (;;) {
        const std::uint64_t bits = stream.next();
        const double u = (static_cast<double>(bits >> 23) + 0.5) * 0x1p-41;
        next += std::floor(std::log(u) * perGap);
        if (next >= static_cast<double>(cells)) return;
        const double rank = lowest + width * (static_cast<double>(bits & 0x7FFFFF) * 0x1p-23);
        if (rank < rate) {
            found.push_back({static_cast<std::uint32_t>(next), static_cast<float>(rank)});
        }
        next += 1;
    }
}

bool byCell(const RankedCell& a, const RankedCell& b) { return a.cell < b.cell; }

}  // namespace

void UniformField::draw(double rate, std::uint64_t cells, std::vector<RankedCell>& out) const {
    if (!(rate >= 0 && rate <= 1)) {
        std::ostringstream text;
        text << rate << "; expected a rate in [0, 1]";
        throw Error("bit error rate", text.str());
    }
    out.clear();
    std::vector<RankedCell> stratum;
    std::vector<RankedCell> merged;
    for (int k = kDeepest; k >= 0; --k) {
        // Stratum kDeepest is the tail [0, 2^-kDeepest).
        const double lowest = k == kDeepest ? 0 : std::ldexp(1.0, -(k + 1));
        const double highest = std::ldexp(1.0, -k);
        if (lowest >= rate && !(lowest == 0 && rate > 0)) break;
        const double width = highest - lowest;
        stratum.clear();
        drawStratum(
            RandomStream(seed_, RandomDomain::kUniformField, chip_, static_cast<std::uint32_t>(k)),
            lowest, width, width / (1 - lowest), rate, cells, stratum);
        merged.clear();
        // set_union keeps the element of the first range where both have a cell.
        std::set_union(out.begin(), out.end(), stratum.begin(), stratum.end(),
                       std::back_inserter(merged), byCell);
        out.swap(merged);
    }
}

}  // namespace brownout
