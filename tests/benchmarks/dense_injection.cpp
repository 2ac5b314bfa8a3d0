#include "tests/benchmarks/dense_injection.h"

namespace brownout {

void DenseInjection::drawChip(std::uint32_t seed) {
    std::mt19937 random(seed);
    // 24 bits make a float in [0, 1), as PyTorch does it; std::uniform_real_distribution is slower.
    for (float& u : uniform_) u = static_cast<float>(random() >> 8) * 0x1p-24F;
}

void DenseInjection::inject(double rate, std::vector<Code>& codes) const {
    const auto threshold = static_cast<float>(rate);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        unsigned flips = 0;
        for (unsigned bit = 0; bit < 8; ++bit) {
            flips |= static_cast<unsigned>(uniform_[8 * i + bit] < threshold) << bit;
        }
        codes[i] = codes[i] ^ flips;
    }
}

}  // namespace brownout
