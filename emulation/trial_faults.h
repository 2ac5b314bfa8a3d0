#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "emulation/faulty_values.h"
#include "emulation/runner.h"
#include "emulation/trial_subjects.h"
#include "model/coded_overlay.h"
#include "model/drawn_chips.h"

namespace brownout {

/// The faults of one memory in the trial that a thread runs, by coded word.
class CurrentFaults {
 public:
    CurrentFaults(std::shared_ptr<ChipSource> chips, std::vector<ArrayDomain> domains)
        : chips_(std::move(chips), std::move(domains)) {}

    /// Takes the faults of a load at an operating point.
    void moveTo(const LoadId& load, const OperatingPoint& at) {
        auto physical = chips_.faults(load, at);
        if (physical == physical_) return;
        physical_ = std::move(physical);
        coded_.clear();
    }

    /// Returns them for a network; those whose blocks and check bits are as many share one.
    const CodedOverlay& coded(const CheckPlacement& placement) {
        const std::pair shape{placement.checkBits(), placement.blockWords()};
        const auto at = coded_.find(shape);
        if (at != coded_.end()) return at->second;
        return coded_.insert({shape, CodedOverlay(physical_, placement)}).first->second;
    }

 private:
    DrawnChips chips_;
    std::shared_ptr<const FaultOverlay> physical_;
    /// By the check bits and the words of a block.
    std::map<std::pair<std::uint32_t, std::uint32_t>, CodedOverlay> coded_;
};

/// The faults of all memories in the trial that a thread runs. Inputs and subjects must outlive it.
class TrialFaults {
 public:
    TrialFaults(const CampaignInputs& inputs, const std::vector<TrialSubject>& subjects);

    /// Returns the faults of the weights of a network in a load.
    const CodedOverlay& ofWeights(std::size_t network, const LoadId& load,
                                  const OperatingPoint& at);

    /// Returns the activations and partial sums of a network as they fail in a load.
    FaultyRowValues ofValues(std::size_t network, const LoadId& load, const OperatingPoint& at);

 private:
    const CampaignInputs& inputs_;
    const std::vector<TrialSubject>& subjects_;
    /// By set of domains: networks without domains of their own share the faults of the chip.
    std::map<std::size_t, CurrentFaults> weights_;
    std::vector<std::size_t> setOf_;  ///< of each network
    std::optional<CurrentFaults> activations_, sums_;
};

}  // namespace brownout
