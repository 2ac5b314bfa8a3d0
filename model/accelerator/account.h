#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/layer_shape.h"
#include "model/accelerator/accelerator.h"
#include "model/accelerator/systolic.h"

namespace brownout {

// The account of a network on an accelerator: who accesses which memory how often, and how long it
// takes. Nothing in it depends on supplies; energy() (account_energy.h) adds them.
//
// Layers run one after the other. A product reads weights and activations as its dataflow says,
// its sums go to the accumulators, and the last write of a sum is the result, which goes on to the
// activations, or to the DRAM where it doesn't stay. Every other layer reads each element of its
// inputs once (twice where statistics come first) and writes each result once, unless the
// accelerator applies it to results on their way out.
//
// Whatever memory a kind of data has none of is the DRAM. Without a DRAM that traffic isn't
// counted.

/// Accesses to one memory, in elements and in words.
struct MemoryUse {
    std::uint64_t reads = 0, writes = 0;          ///< elements
    std::uint64_t readWords = 0, writeWords = 0;  ///< words of the memory
    /// Bits that came from the DRAM for this memory, or went there from it.
    std::uint64_t dramBits = 0;

    void operator+=(const MemoryUse& more);
};

/// A layer on the accelerator.
struct LayerUse {
    std::string name, op;
    std::uint64_t macs = 0;
    std::uint64_t cycles = 0;         ///< cycles of the array or the vector lanes, without stalls
    double utilization = 0;           ///< MACs / (elements x cycles); 0 without MACs
    std::vector<MemoryUse> memories;  ///< one for each memory of the accelerator
    std::uint64_t registerAccesses = 0, transfers = 0;
    bool fused = false;   ///< applied to results on their way out: no access of its own
    std::string order;    ///< order of the folds or mapping of the first product
    WeightBlocks blocks;  ///< how the weights of the first product come to the array
};

/// A network on an accelerator.
struct Account {
    std::uint64_t batch = 1;
    std::vector<LayerUse> layers;
    bool weightsStay = false;     ///< true where the network's weights never leave their memory
    std::size_t keptTensors = 0;  ///< tensors of activations that stay from layer to layer
    std::size_t tensors = 0;

    /// Returns the sums over all layers.
    LayerUse total() const;
};

/// Returns the account of `batch` images. Throws Error where a mapping doesn't fit.
Account accountOf(const Accelerator& accelerator, const NetworkShape& network,
                  std::uint64_t batch = 1);

}  // namespace brownout
