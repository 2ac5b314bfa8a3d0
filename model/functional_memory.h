#pragma once

#include <memory>
#include <vector>

#include "model/check_placement.h"
#include "model/coded_overlay.h"
#include "model/faults_at_supply.h"
#include "model/weight_memory.h"

namespace brownout {

/// The memory model without time, which all others are compared with: stored coded words, and the
/// faults of a chip over them. Words never written hold 0. A clean word decodes to itself, so reads
/// copy, and decode the faulty words only. Holds 9 bytes a word (8 without check bits) besides the
/// faults.
class FunctionalMemory final : public WeightMemory {
 public:
    /// `chip` is the geometry of all arrays, of which the last hold the check bits (see
    /// CheckPlacement). `codec` must be for words of that geometry. Nothing fails until setSupply
    /// is called. Throws Error if the chip can't hold the check bits.
    FunctionalMemory(const SramGeometry& chip, std::shared_ptr<const Codec> codec,
                     FaultsAtSupply faults);

    std::uint64_t words() const override { return data_.size(); }
    const Codec& codec() const override { return *codec_; }
    const CheckPlacement& placement() const { return placement_; }
    void setSupply(double supply) override;
    void write(std::uint64_t first, Span<const Word> words) override;
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override;
    using WeightMemory::read;

 private:
    std::shared_ptr<const Codec> codec_;
    CheckPlacement placement_;
    FaultsAtSupply faultsAt_;
    std::vector<Word> data_;
    std::vector<std::uint8_t> check_;  ///< empty without check bits
    CodedOverlay faults_;              ///< at the present supply
};

}  // namespace brownout
