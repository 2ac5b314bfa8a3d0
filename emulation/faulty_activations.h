#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "emulation/activation_placement.h"
#include "emulation/placement.h"
#include "inference/activations/activation_memory.h"
#include "model/coded_overlay.h"
#include "model/protection/protection.h"

namespace brownout {

/// Activations of a network in a memory: what there is to know before a chip is chosen.
struct ActivationsUnderTest {
    std::shared_ptr<const StoredActivations> activations;
    std::shared_ptr<const ActivationPlacement> placement;
    std::shared_ptr<const Protection> protection;
    DetectedPolicy detected = DetectedPolicy::kZeroCode;
};

/// Added to the seed of a campaign for what is drawn in the memory of activations.
constexpr std::uint64_t kActivationSeed = 0x6163746976617465;  // "activate"

/// Throws Error naming the protection if it can't protect activations: it alters what it stores, or
/// has blocks of several words.
void requireForActivations(const Protection& protection);

/// Counts of activations that were written to a memory and read back once, over images. Cells are
/// data and check bits alike.
struct ActivationCounts {
    std::uint64_t bitsRead = 0;
    std::uint64_t bitsWrong = 0;
    std::uint64_t failingCells = 0;  ///< cells among those read that can fail, of each image anew
    std::uint64_t wordsCorrected = 0;
    std::uint64_t wordsDetected = 0;
    std::uint64_t wordsSilent =
        0;  ///< wrong words that were taken for right, miscorrected included
};

/// The activations of a network in a memory with certain faults. Making one costs in proportion to
/// the faults; so does each image.
class FaultyActivations final : public ActivationMemory {
 public:
    /// Both must outlive this. `faults` are over the memory's data words.
    FaultyActivations(const ActivationsUnderTest& under, const CodedOverlay& faults);

    /// Tells whether anything can read wrong.
    bool empty() const { return failingCells_ == 0; }

    Span<const Group> groups(std::size_t tensor) const override {
        return tensors_.at(tensor).groups;
    }
    void read(std::size_t tensor, std::size_t group, Span<Code> codes) override;

    /// Returns the counts of `images` images that were run since this was made.
    ActivationCounts counts(std::uint64_t images) const;

 private:
    struct Tensor {
        std::vector<Group> groups;
        std::vector<CodedFault> faults;  ///< by group
    };

    const ActivationsUnderTest& under_;
    std::vector<Tensor> tensors_;
    std::uint64_t failingCells_ = 0;  ///< of an image
    ActivationCounts counts_;
};

}  // namespace brownout
