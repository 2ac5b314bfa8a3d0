#include "emulation/trial_faults.h"

#include "emulation/value_memories.h"
#include "model/check_placement.h"

namespace brownout {

TrialFaults::TrialFaults(const CampaignInputs& inputs, const std::vector<TrialSubject>& subjects)
    : inputs_(inputs), subjects_(subjects) {
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        const std::size_t set = subjects[i].domains.empty() ? 0 : i + 1;
        weights_.try_emplace(set, inputs.chips, subjects[i].domains);
        setOf_.push_back(set);
    }
    const ValueChips& chips = inputs.valueChips;
    if (chips.activations) activations_.emplace(chips.activations, std::vector<ArrayDomain>{});
    if (chips.accumulators) sums_.emplace(chips.accumulators, std::vector<ArrayDomain>{});
}

const CodedOverlay& TrialFaults::ofWeights(std::size_t network, const LoadId& load,
                                           const OperatingPoint& at) {
    CurrentFaults& faults = weights_.at(setOf_[network]);
    faults.moveTo(load, at.in(kWeightsDomain));
    return faults.coded(subjects_[network].placement);
}

FaultyRowValues TrialFaults::ofValues(std::size_t network, const LoadId& load,
                                      const OperatingPoint& at) {
    // The cells of different memories are drawn apart.
    const auto faultsOf = [&](const ValuesUnderTest& values, CurrentFaults& faults,
                              const ChipSource& chips, std::uint64_t seed, const char* domain) {
        faults.moveTo({load.seed + seed, load.chip, load.load}, at.in(domain));
        const CheckPlacement placement(chips.geometry(), *values.protection);
        return FaultyValues(values, faults.coded(placement));
    };
    const RowValues& values = inputs_.rows.values[network];
    const FailingMemories& failing = inputs_.spec.networks[network].failing;
    FaultyRowValues faulty;
    if (failing.activations) {
        faulty.activations =
            faultsOf(*values.activations, *activations_, *inputs_.valueChips.activations,
                     kActivationSeed, kActivationsDomain);
    }
    if (failing.accumulators) {
        faulty.sums = faultsOf(*values.sums, *sums_, *inputs_.valueChips.accumulators, kSumSeed,
                               kAccumulatorsDomain);
    }
    return faulty;
}

}  // namespace brownout
