#include "emulation/trial_faults.h"

#include "model/check_placement.h"

namespace brownout {

TrialFaults::TrialFaults(const CampaignInputs& inputs, const std::vector<TrialSubject>& subjects)
    : inputs_(inputs), subjects_(subjects) {
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        const std::size_t set = subjects[i].domains.empty() ? 0 : i + 1;
        weights_.try_emplace(set, inputs.chips, subjects[i].domains);
        setOf_.push_back(set);
    }
    if (inputs.activationChips) {
        activations_.emplace(inputs.activationChips, std::vector<ArrayDomain>{});
    }
}

const CodedOverlay& TrialFaults::ofWeights(std::size_t network, const LoadId& load,
                                           const OperatingPoint& at) {
    CurrentFaults& faults = weights_.at(setOf_[network]);
    faults.moveTo(load, at.in(kWeightsDomain));
    return faults.coded(subjects_[network].placement);
}

std::optional<FaultyActivations> TrialFaults::ofActivations(std::size_t network, const LoadId& load,
                                                            const OperatingPoint& at) {
    const auto& stored = inputs_.rows.activations[network];
    if (stored == nullptr || !inputs_.spec.networks[network].failing.activations) return {};
    // The cells of two memories are drawn apart.
    LoadId own = load;
    own.seed += kActivationSeed;
    activations_->moveTo(own, at.in(kActivationsDomain));
    const CheckPlacement placement(inputs_.activationChips->geometry(), *stored->protection);
    return FaultyActivations(*stored, activations_->coded(placement));
}

}  // namespace brownout
