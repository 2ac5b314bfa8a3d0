#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "emulation/placement.h"
#include "emulation/value_placement.h"
#include "inference/activations/value_memory.h"
#include "model/coded_overlay.h"
#include "model/protection/protection.h"

namespace brownout {

/// Activations or partial sums of a network in a memory: what there is to know before a chip is
/// chosen.
struct ValuesUnderTest {
    std::shared_ptr<const ValuePlacement> placement;
    std::shared_ptr<const Protection> protection;
    DetectedPolicy detected = DetectedPolicy::kZeroCode;
};

/// Throws Error naming the protection if it can't protect values that a network computes: it alters
/// what it stores, or has blocks of several words.
void requireForValues(const Protection& protection);

/// Counts of values that were written to a memory and read back, over images. Cells are data and
/// check bits alike.
struct ValueCounts {
    std::uint64_t bitsRead = 0;
    std::uint64_t bitsWrong = 0;
    std::uint64_t failingCells = 0;  ///< cells among those read that can fail, of each image anew
    std::uint64_t wordsCorrected = 0;
    std::uint64_t wordsDetected = 0;
    std::uint64_t wordsSilent =
        0;  ///< wrong words that were taken for right, miscorrected included
};

/// The activations or partial sums of a network in a memory with certain faults. Making one costs
/// in proportion to the faults; so does each image.
class FaultyValues final : public ValueMemory {
 public:
    /// `faults` are over the memory's data words.
    FaultyValues(ValuesUnderTest under, const CodedOverlay& faults);

    /// Tells whether anything can read wrong.
    bool empty() const { return failingCells_ == 0; }

    Span<const Group> groups(std::size_t tensor) const override {
        return tensors_.at(tensor).groups;
    }
    void read(std::size_t tensor, std::size_t group, Span<Code> codes) override;

    /// Returns the counts of `images` images that were run since this was made.
    ValueCounts counts(std::uint64_t images) const;

 private:
    struct Tensor {
        std::vector<Group> groups;
        std::vector<CodedFault> faults;  ///< by group
    };

    ValuesUnderTest under_;
    std::vector<Tensor> tensors_;
    std::uint64_t failingCells_ = 0;  ///< of an image
    ValueCounts counts_;
};

/// The values of a network as they fail in a load; nothing where they don't.
struct FaultyRowValues {
    std::optional<FaultyValues> activations, sums;

    /// Returns the memories in which anything can read wrong.
    FailingValues failing();
};

}  // namespace brownout
