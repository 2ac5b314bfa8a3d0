#include "model/uniform_field.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>

#include "base/error.h"
#include "model/stratum_stream.h"

namespace brownout {
namespace {

/// The members of one stratum that are below the rate, by ascending cell.
void drawStratum(StratumStream&& stream, std::uint64_t cells, std::vector<RankedCell>& found) {
    const double mean = static_cast<double>(cells) * stream.share();
    found.resize(static_cast<std::size_t>(mean + 6 * std::sqrt(mean)) + 1);
    std::size_t count = 0;
    stream.visitUpTo(cells, [&](std::uint64_t cell, std::uint32_t rank, bool below) {
        if (count == found.size()) found.resize(2 * count);
        found[count] = {static_cast<std::uint32_t>(cell), stream.rankOf(rank)};
        count += below ? 1 : 0;
    });
    found.resize(count);
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

void UniformField::checkRate(double rate) {
    if (!(rate >= 0 && rate <= 1)) {
        std::ostringstream text;
        text << rate << "; expected a rate in [0, 1]";
        throw Error("bit error rate", text.str());
    }
}

void UniformField::draw(double rate, std::uint64_t cells, std::vector<RankedCell>& out,
                        FieldScratch& scratch) const {
    checkRate(rate);
    out.resize(0);
    for (int k = kDeepestStratum; k >= 0 && lowestRankOf(k) < rate; --k) {
        drawStratum(StratumStream(seed_, chip_, k, rate), cells, scratch.stratum);
        unite(out, scratch.stratum, scratch.united);
        out.swap(scratch.united);
    }
}

void UniformField::draw(double rate, std::uint64_t cells, std::vector<RankedCell>& out) const {
    FieldScratch scratch;
    draw(rate, cells, out, scratch);
}

}  // namespace brownout
