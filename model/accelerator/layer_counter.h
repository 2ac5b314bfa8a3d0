#pragma once

#include <utility>

#include "model/accelerator/account.h"

namespace brownout {

/// The counter of a layer's accesses. Without a DRAM, what would come from there or go there isn't
/// counted.
class LayerCounter {
 public:
    explicit LayerCounter(const Accelerator& accelerator)
        : accelerator_(accelerator), dram_(accelerator.dram()) {}

    void begin(const std::string& name, const std::string& op) {
        layer_ = LayerUse();
        layer_.name = name;
        layer_.op = op;
        layer_.memories.resize(accelerator_.memories.size());
    }
    LayerUse& layer() { return layer_; }
    LayerUse finish() { return std::move(layer_); }

    /// Counts elements that are read from a memory, and the words that they fill.
    void read(std::size_t memory, std::uint64_t elements, std::uint64_t bits) {
        MemoryUse& use = layer_.memories[memory];
        use.reads += elements;
        use.readWords += ceilOf(bits, accelerator_.memories[memory].wordBits);
    }
    void write(std::size_t memory, std::uint64_t elements, std::uint64_t bits) {
        MemoryUse& use = layer_.memories[memory];
        use.writes += elements;
        use.writeWords += ceilOf(bits, accelerator_.memories[memory].wordBits);
    }

    /// Moves elements from the DRAM into the memory of their kind, or past all memories.
    void fetch(std::optional<std::size_t> to, std::uint64_t elements, std::uint64_t bits) {
        if (!dram_ || elements == 0) return;
        read(*dram_, elements, bits);
        if (to) write(*to, elements, bits);
        layer_.memories[to.value_or(*dram_)].dramBits += bits;
    }
    /// Moves elements to the DRAM from the memory of their kind, or past all memories.
    void store(std::optional<std::size_t> from, std::uint64_t elements, std::uint64_t bits) {
        if (!dram_ || elements == 0) return;
        write(*dram_, elements, bits);
        layer_.memories[from.value_or(*dram_)].dramBits += bits;
    }

 private:
    static std::uint64_t ceilOf(std::uint64_t size, std::uint64_t most) {
        return (size + most - 1) / most;
    }

    const Accelerator& accelerator_;
    std::optional<std::size_t> dram_;
    LayerUse layer_;
};

}  // namespace brownout
