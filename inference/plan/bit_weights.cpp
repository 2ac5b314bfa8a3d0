#include "inference/plan/bit_weights.h"

#include <algorithm>

namespace brownout {

namespace {

constexpr std::size_t kWordBits = 32;

std::size_t wordsOf(std::size_t channels) { return (channels + kWordBits - 1) / kWordBits; }

}  // namespace

BitWeights::BitWeights(const BitWeightSizes& sizes, std::size_t offset)
    : sizes_(sizes), offset_(offset) {
    if (sizes.bytes) {
        planes_ = sizes.channels;
        return;
    }
    // Groups share words: of the words that a group touches, the most that any does.
    for (std::size_t group = 0; group < sizes.groups; ++group) {
        const std::size_t first = group * sizes.channels / kWordBits;
        planes_ = std::max(planes_, wordsOf((group + 1) * sizes.channels) - first);
    }
}

std::size_t BitWeights::firstPlane(std::size_t group) const {
    return std::min(group * sizes_.channels / kWordBits,
                    wordsOf(sizes_.groups * sizes_.channels) - planes_);
}

std::vector<std::int32_t> BitWeights::masks() const {
    if (sizes_.bytes || sizes_.groups == 1) return {};
    std::vector<std::int32_t> masks;
    for (std::size_t group = 0; group < sizes_.groups; ++group) {
        for (std::size_t plane = 0; plane < planes_; ++plane) {
            std::uint32_t mask = 0;
            for (std::size_t bit = 0; bit < kWordBits; ++bit) {
                const std::size_t channel = (firstPlane(group) + plane) * kWordBits + bit;
                if (channel / sizes_.channels == group) mask |= 1U << bit;
            }
            masks.insert(masks.end(), sizes_.kernel[0] * sizes_.kernel[1],
                         static_cast<std::int32_t>(mask));
        }
    }
    return masks;
}

BitWeights::Place BitWeights::placeOf(std::size_t element) const {
    // One of the steps is 1, or the matrix has one row or column.
    const std::size_t row = element / sizes_.rowStep % (sizes_.groups * sizes_.rows);
    const std::size_t k = element / sizes_.depthStep % sizes_.taps();
    const std::size_t x = k % sizes_.kernel[1];
    const std::size_t y = k / sizes_.kernel[1] % sizes_.kernel[0];
    const std::size_t channel = k / sizes_.kernel[1] / sizes_.kernel[0];
    const std::size_t group = row / sizes_.rows;
    const std::size_t padded = paddedRow(row);
    const std::size_t block = padded / kernels::kBitRows * depth();
    const std::size_t at = padded % kernels::kBitRows;
    if (sizes_.bytes) {
        const std::size_t word = (channel * sizes_.kernel[0] + y) * columns() + x / 4;
        return {offset_ + (block + word) * kernels::kBitRows + at,
                static_cast<unsigned>(x % 4 * 8)};
    }
    const std::size_t inAll = group * sizes_.channels + channel;
    const std::size_t plane = inAll / kWordBits - firstPlane(group);
    const std::size_t word = (plane * sizes_.kernel[0] + y) * sizes_.kernel[1] + x;
    return {offset_ + (block + word) * kernels::kBitRows + at,
            static_cast<unsigned>(inAll % kWordBits)};
}

std::uint32_t BitWeights::fieldOf(bool plus) const {
    if (!sizes_.bytes) return plus ? 1U : 0U;
    return plus ? 1U : 255U;  // 1, -1
}

std::int32_t BitWeights::get(const std::int32_t* memory, std::size_t element) const {
    const Place place = placeOf(element);
    const std::uint32_t mask = sizes_.bytes ? 255U : 1U;
    const std::uint32_t shifted = static_cast<std::uint32_t>(memory[place.word]) >> place.bit;
    return (shifted & mask) == fieldOf(true);
}

void BitWeights::set(std::int32_t* memory, std::size_t element, std::int32_t value) const {
    const Place place = placeOf(element);
    const std::uint32_t mask = sizes_.bytes ? 255U : 1U;
    const auto word = static_cast<std::uint32_t>(memory[place.word]);
    memory[place.word] =
        static_cast<std::int32_t>((word & ~(mask << place.bit)) | fieldOf(value != 0) << place.bit);
}

}  // namespace brownout
