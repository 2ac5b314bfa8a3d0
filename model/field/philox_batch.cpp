#include "model/field/philox_batch.h"

#include <algorithm>
#include <numeric>

#include "base/processor.h"

namespace brownout {

#if defined(__x86_64__)
void drawPhiloxAvx2(const PhiloxInput& input, std::uint64_t* first, std::uint64_t* second);
void drawPhiloxAvx512(const PhiloxInput& input, std::uint64_t* first, std::uint64_t* second);
#endif

PhiloxKernel philoxKernel(const std::string& instructionSet) {
#if defined(__x86_64__)
    if (instructionSet == "avx512") return drawPhiloxAvx512;
    if (instructionSet == "avx2") return drawPhiloxAvx2;
#endif
    return philoxPortable;
}

void philoxPortable(const PhiloxInput& input, std::uint64_t* first, std::uint64_t* second) {
    const r123::Philox4x32::key_type key{
        {static_cast<std::uint32_t>(input.seed), static_cast<std::uint32_t>(input.seed >> 32)}};
    for (std::size_t i = 0; i < input.blocks; ++i) {
        const r123::Philox4x32::ctr_type counter{
            {input.position[i], input.b[i], input.a, input.domain}};
        const auto block = r123::Philox4x32()(counter, key);
        first[i] = (std::uint64_t{block[1]} << 32) | block[0];
        second[i] = (std::uint64_t{block[3]} << 32) | block[2];
    }
}

std::uint32_t* PhiloxBatch::grow(std::uint32_t b, std::size_t count) {
    const std::size_t before = size_;
    size_ += count;
    if (size_ > position_.size()) {
        const std::size_t blocks = std::max(size_, 2 * before);
        const std::size_t whole = (blocks + kPhiloxStep - 1) / kPhiloxStep * kPhiloxStep;
        position_.resize(whole);
        b_.resize(whole);
        first_.resize(whole);
        second_.resize(whole);
    }
    std::fill_n(b_.data() + before, count, b);
    return position_.data() + before;
}

void PhiloxBatch::add(std::uint32_t b, std::uint32_t position, std::size_t count) {
    std::uint32_t* const positions = grow(b, count);
    std::iota(positions, positions + count, position);
}

void PhiloxBatch::draw(std::uint64_t seed, RandomDomain domain, std::uint32_t a) {
    static const PhiloxKernel kernel = philoxKernel(activeInstructionSet());
    // Up to the end of a step: what stands there from earlier batches is drawn too and not used.
    const std::size_t blocks = (size_ + kPhiloxStep - 1) / kPhiloxStep * kPhiloxStep;
    kernel({seed, static_cast<std::uint32_t>(domain), a, position_.data(), b_.data(), blocks},
           first_.data(), second_.data());
}

}  // namespace brownout
