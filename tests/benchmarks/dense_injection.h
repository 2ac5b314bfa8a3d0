#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "base/code.h"

namespace brownout {

/// The peer: bit errors as the published code of Stutz et al. draws them, 8 uniform random floats
/// for each 8-bit weight whatever the rate, from the Mersenne twister (which PyTorch uses on CPUs
/// too).
class DenseInjection {
 public:
    explicit DenseInjection(std::size_t codes) : uniform_(8 * codes) {}

    /// Draws a chip: as many floats as there are bits.
    void drawChip(std::uint32_t seed);

    /// Flips the bits whose number is below `rate`.
    void inject(double rate, std::vector<Code>& codes) const;

 private:
    std::vector<float> uniform_;
};

}  // namespace brownout
