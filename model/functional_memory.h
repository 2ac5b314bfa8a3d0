#pragma once

#include <memory>
#include <vector>

#include "model/chip.h"
#include "model/fault_overlay.h"
#include "model/weight_memory.h"

namespace brownout {

/// The memory model without time: stored words, and the faults of a chip over them. Words never
/// written hold 0. Holds 8 bytes a word besides the chip.
class FunctionalMemory final : public WeightMemory {
 public:
    /// `load` says which outcome of the probabilistic cells reads give. The supply starts above all
    /// faults.
    explicit FunctionalMemory(std::shared_ptr<const Chip> chip, const LoadId& load = {});

    std::uint64_t words() const override { return content_.size(); }
    void setSupply(double supply) override;
    void write(std::uint64_t first, Span<const Word> words) override;
    void read(std::uint64_t first, Span<Word> words) override;

    /// Draws the probabilistic cells afresh: reads that follow belong to this load.
    void startLoad(const LoadId& load);

 private:
    void checkRange(std::uint64_t first, std::uint64_t count) const;

    std::shared_ptr<const Chip> chip_;
    std::vector<Word> content_;
    LoadId load_;
    FaultOverlay faults_;    ///< at the present supply
    FaultOverlay resolved_;  ///< faults_ in the present load
};

}  // namespace brownout
