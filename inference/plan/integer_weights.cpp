#include "inference/plan/integer_weights.h"

#include <cstdlib>

namespace brownout {

namespace {

/// The kernel (g0, g1, g2) of Winograd's transform at each point, along one axis
/// (kernels/integer_winograd.inc).
constexpr std::int32_t kTransform[6][3] = {{6, 0, 0}, {1, 1, 1},  {1, -1, 1},
                                           {1, 2, 4}, {1, -2, 4}, {0, 0, 6}};

/// Bound of the sums of Winograd's form.
constexpr std::int64_t kExactSums = std::int64_t{1} << 25;

/// Reads one half of a word.
std::int32_t half(std::int32_t word, bool high) {
    const auto bits = static_cast<std::uint32_t>(word) >> (high ? 16 : 0);
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(bits & 0xffffU));
}

/// Sets one half of a word.
void setHalf(std::int32_t& word, bool high, std::int32_t value) {
    const std::uint32_t shift = high ? 16 : 0;
    const std::uint32_t bits = (static_cast<std::uint32_t>(value) & 0xffffU) << shift;
    word =
        static_cast<std::int32_t>((static_cast<std::uint32_t>(word) & ~(0xffffU << shift)) | bits);
}

}  // namespace

IntegerWeights::IntegerWeights(const IntegerWeightSizes& sizes, std::size_t offset)
    : sizes_(sizes), offset_(offset) {
    const auto odd = [this] { return unitRows() % 2 != 0 || unitChannels() % 2 != 0; };
    if (sizes_.groups > 1 && odd()) merged_ = sizes_.groups % 2 == 0 ? 2 : sizes_.groups;
    if (unitRows() <= kernels::kIntegerFewRows && !sizes_.winograd) {
        rowBlock_ = kernels::kIntegerFewRows;
    }
}

std::size_t IntegerWeights::paddedRow(std::size_t row) const {
    return row / unitRows() * blocks() * rowBlock_ + row % unitRows();
}

IntegerWeights::Place IntegerWeights::placeOf(std::size_t element) const {
    const std::size_t area = sizes_.kernel[0] * sizes_.kernel[1];
    std::size_t row = 0;
    std::size_t channel = 0;
    if (area == 1 && sizes_.groups == 1) {
        row = element / sizes_.rowStep % sizes_.rows;
        channel = element / sizes_.channelStep % sizes_.channels;
    } else {
        row = element / (sizes_.channels * area);
        channel = element / area % sizes_.channels;
    }
    const std::size_t group = row / sizes_.rows;
    const std::size_t unit = group / merged_;
    return {unit, row - unit * unitRows(), group % merged_ * sizes_.channels + channel,
            element % area / sizes_.kernel[1], element % sizes_.kernel[1]};
}

std::size_t IntegerWeights::directAt(const Place& p) const {
    const std::size_t block = p.unit * blocks() + p.row / rowBlock_;
    const std::size_t run = p.channel / 2 * sizes_.kernel[0] + p.y;
    return offset_ + ((block * runs() + run) * taps() + p.x) * rowBlock_ + p.row % rowBlock_;
}

std::int32_t IntegerWeights::get(const std::int32_t* memory, std::size_t element) const {
    const Place place = placeOf(element);
    return half(memory[directAt(place)], place.channel % 2 != 0);
}

void IntegerWeights::set(std::int32_t* memory, std::size_t element, std::int32_t value) const {
    const Place place = placeOf(element);
    const bool high = place.channel % 2 != 0;
    std::int32_t& word = memory[directAt(place)];
    const std::int32_t before = half(word, high);
    setHalf(word, high, value);
    if (!sizes_.winograd) return;
    memory[sumsAt() + place.row] += std::abs(value) - std::abs(before);
    // The transform is linear, and in whole numbers every step of it is exact.
    std::int32_t* at = memory + transformedAt() +
                       (place.row / rowBlock_ * unitPairs() + place.channel / 2) * rowBlock_ +
                       place.row % rowBlock_;
    const std::size_t pointStep = pointSize();
    for (std::size_t point = 0; point < kernels::kWinogradPoints; ++point) {
        const std::int32_t factor = kTransform[point / 6][place.y] * kTransform[point % 6][place.x];
        if (factor == 0) continue;
        std::int32_t& to = at[point * pointStep];
        setHalf(to, high, half(to, high) + factor * (value - before));
    }
}

bool IntegerWeights::isWide(const std::int32_t* memory, std::size_t row) const {
    return std::int64_t{memory[sumsAt() + row]} * sizes_.mostActivation >= kExactSums;
}

}  // namespace brownout
