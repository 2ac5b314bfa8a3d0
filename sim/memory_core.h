#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/span.h"
#include "model/check_placement.h"
#include "model/faults_at_supply.h"
#include "model/protection/protection.h"

namespace brownout {

/// What the SystemC memory is built around: the cells of all arrays as physical words, check bits
/// packed into the words of the check arrays as the placement says, each physical word with the
/// masks of its own faults. Every read goes the way of the hardware: raw data word, raw check word,
/// decoder. Deliberately another way than that of FunctionalMemory, which it must agree with.
class MemoryCore {
 public:
    /// `chip` is the geometry of all arrays. Nothing fails until setSupply is called. Throws Error
    /// if the codec doesn't fit the chip.
    MemoryCore(const SramGeometry& chip, std::shared_ptr<const Protection> protection,
               FaultsAtSupply faults);

    std::uint64_t words() const { return placement_.dataGeometry().words(); }
    const Protection& protection() const { return *protection_; }

    /// Takes the faults of another chip; the old ones act until setSupply is called.
    void setFaults(FaultsAtSupply faults) { faultsAt_ = std::move(faults); }
    /// What fails from here on. Throws what the faults throw.
    void setSupply(double supply);

    /// Words must lie inside; `statuses` takes one a word, or is empty.
    void write(std::uint64_t first, Span<const Word> words);
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) const;
    /// The data as they were written, whatever fails.
    void stored(std::uint64_t first, Span<Word> words) const;

 private:
    Word rawRead(std::uint64_t physical) const {
        const std::uint32_t fault = faultOf_[physical];
        return fault == 0 ? cells_[physical] : faults_[fault - 1].read(cells_[physical]);
    }
    CodedWord codedRead(std::uint64_t word) const;

    std::shared_ptr<const Protection> protection_;
    CheckPlacement placement_;
    FaultsAtSupply faultsAt_;
    std::vector<Word> cells_;  ///< by physical word
    std::vector<WordFault> faults_;
    std::vector<std::uint32_t> faultOf_;    ///< by physical word: place in faults_, from 1 on
    std::vector<std::uint32_t> checkWord_;  ///< by data word; empty without check bits
    std::vector<std::uint8_t> checkShift_;
};

}  // namespace brownout
