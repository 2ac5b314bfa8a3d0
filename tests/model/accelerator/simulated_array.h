#pragma once

#include <cstdint>
#include <random>

#include "base/layer_shape.h"
#include "model/accelerator/accelerator.h"

namespace brownout::test {

/// What a simulated array did.
struct SimulatedUse {
    std::uint64_t cycles = 0, macs = 0;
    std::uint64_t inputReads = 0, weightReads = 0, sumReads = 0, sumWrites = 0;
    std::uint64_t touchedInputs = 0;  ///< distinct inputs of a group that were read
    bool resultsAreRight = false;     ///< the sums are those of the convolution, written out
};

/// Simulates a product on a systolic array, register by register and cycle by cycle, on random
/// numbers. An oracle: it knows of no formula. Unused rows and columns take part, on zeros.
SimulatedUse simulate(const ComputeArray& array, const ProductShape& product, std::mt19937& random);

}  // namespace brownout::test
