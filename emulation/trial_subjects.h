#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "emulation/runner.h"
#include "emulation/strata.h"
#include "emulation/trial.h"
#include "model/check_placement.h"
#include "model/drawn_chips.h"

namespace brownout {

/// A network of the campaign with all that its trials share.
struct TrialSubject {
    CheckPlacement placement;
    NetworkUnderTest network;
    /// The first network that computes with the same weights: those before it differ, those after
    /// it may share its engine and its clean run.
    std::size_t alike = 0;
    std::vector<ArrayDomain> domains = {};  ///< arrays with a supply of their own
    std::vector<double> margins = {};       ///< margins without faults, one an image
    std::optional<Strata> strata = {};
};

/// Stores every network of a campaign and finds those that compute with the same weights, which
/// depends on what their protections make of them.
std::vector<TrialSubject> storeNetworks(const CampaignInputs& inputs);

/// The engines of one thread, made when first needed; networks that are alike share one. Inputs and
/// subjects must outlive it.
class TrialEngines {
 public:
    TrialEngines(const CampaignInputs& inputs, const std::vector<TrialSubject>& subjects)
        : inputs_(inputs), subjects_(subjects), engines_(subjects.size()) {}

    /// Returns the engine of a network, with the codes that its protection prepared.
    Engine& of(std::size_t network);

 private:
    const CampaignInputs& inputs_;
    const std::vector<TrialSubject>& subjects_;
    std::vector<std::unique_ptr<Engine>> engines_;
};

/// Runs every network without faults: makes its scores, the activations that are kept and, for
/// adaptive campaigns, the strata. `engines` has those of each thread.
void runClean(const CampaignInputs& inputs, std::vector<TrialEngines>& engines,
              std::vector<TrialSubject>& subjects);

/// Returns which scores are those of wrong answers.
std::vector<bool> wrongOnes(const Task& task, Span<const double> scores);

}  // namespace brownout
