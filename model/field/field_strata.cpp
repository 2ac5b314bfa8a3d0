#include "model/field/field_strata.h"

#include <cmath>
#include <sstream>

#include "base/error.h"

namespace brownout {
namespace {

constexpr int kOctaves = 24;
constexpr int kPartsOfOctave = 4;

/// -ln(1 - chance), chance at most 1/2, by the series of the inverse hyperbolic tangent: libraries'
/// logarithms differ in the last bit.
double dartsPerCell(double chance) {
    const double s = chance / (2 - chance);
    double sum = 0;
    for (int n = 35; n >= 1; n -= 2) sum = sum * (s * s) + 2.0 / n;
    return s * sum;
}

/// The level whose blocks are large enough for a few darts.
int levelOf(double lowest) {
    int level = 0;
    while (level < kLevels - 1 && lowest < 0x1p4 * std::ldexp(1.0, -kBlockBits[level])) ++level;
    return level;
}

Stratum makeStratum(double lowest, double width) {
    const int level = levelOf(lowest);
    const bool last = lowest + width == 1;
    const double perCell = last ? 1 : dartsPerCell(width / (1 - lowest));
    const double perBlock = last ? 1 : std::ldexp(perCell, kBlockBits[level]);
    return {lowest, width, level, last, PoissonTable(perBlock)};
}

std::vector<Stratum> makeStrata() {
    std::vector<Stratum> strata{makeStratum(0, std::ldexp(1.0, -kOctaves))};
    for (int octave = kOctaves; octave > 0; --octave) {
        const double begin = std::ldexp(1.0, -octave);
        const double width = begin / kPartsOfOctave;
        for (int part = 0; part < kPartsOfOctave; ++part) {
            strata.push_back(makeStratum(begin + part * width, width));
        }
    }
    return strata;
}

}  // namespace

const std::vector<Stratum>& fieldStrata() {
    static const std::vector<Stratum> strata = makeStrata();
    return strata;
}

FieldCut::FieldCut(double rate) : whole(0), end(0), limit(0) {
    if (!(rate >= 0 && rate <= 1)) {
        std::ostringstream text;
        text << rate << "; expected a rate in [0, 1]";
        throw Error("bit error rate", text.str());
    }
    for (const Stratum& stratum : fieldStrata()) {
        if (stratum.lowest + stratum.width <= rate) {
            ++whole;
        } else if (stratum.lowest < rate) {
            // Exact: widths are powers of two.
            limit = static_cast<std::uint32_t>(
                std::ceil((rate - stratum.lowest) / stratum.width * (1U << kPlaceBits)));
            end = whole + 1;
            return;
        }
    }
    end = whole;
}

}  // namespace brownout
