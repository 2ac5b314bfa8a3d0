#pragma once

#include <memory>
#include <vector>

#include "model/check_placement.h"
#include "model/coded_overlay.h"
#include "model/faults_at_supply.h"
#include "model/weight_memory.h"

namespace brownout {

/// The memory model without time, which all others are compared with: the data that were written,
/// and the faults of a chip over them. Words never written hold 0. What was written decodes to
/// itself where no cell fails, so reads copy, and encode and decode the faulty blocks only; under a
/// protection that alters data, for which that holds of prepared data alone, all blocks. Holds 8
/// bytes a word besides the faults.
class FunctionalMemory final : public WeightMemory {
 public:
    /// `chip` is the geometry of all arrays, of which the last hold the check bits (see
    /// CheckPlacement). `protection` must be for words of that geometry. Nothing fails until
    /// setSupply is called. Throws Error if the chip can't hold the check bits.
    FunctionalMemory(const SramGeometry& chip, std::shared_ptr<const Protection> protection,
                     FaultsAtSupply faults);

    std::uint64_t words() const override { return data_.size(); }
    const Protection& protection() const override { return *protection_; }
    const CheckPlacement& placement() const { return placement_; }
    void setSupply(double supply) override;
    void write(std::uint64_t first, Span<const Word> words) override;
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override;
    using WeightMemory::read;

 private:
    /// Decodes the block from data word `at` on, and puts those of its words that lie among
    /// [first, first + words.size()) into `words`.
    void decodeBlock(std::uint64_t at, Span<const CodedFault> faults, std::uint64_t first,
                     Span<Word> words, Span<WordStatus> statuses);

    std::shared_ptr<const Protection> protection_;
    CheckPlacement placement_;
    FaultsAtSupply faultsAt_;
    std::vector<Word> data_;   ///< as written
    std::vector<Word> block_;  ///< scratch: the words of a block
    CodedOverlay faults_;      ///< at the present supply
};

}  // namespace brownout
