#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "emulation/runner.h"
#include "emulation/strata.h"

namespace brownout {

/// A trial to run: on all images of the campaign, or on some of each stratum.
struct TrialTask {
    TrialKey key;
    std::optional<Allocation> allocation = {};
    Division division = Division::kMargin;  ///< of the strata that are allocated to
};

/// Runs trials of a campaign on several threads. Holds what they share: the networks in their
/// memories, their scores without faults, and each thread's engines.
class TrialRunner {
 public:
    /// Stores the networks and runs them without faults, on `threads` threads. The inputs must
    /// outlive the runner.
    TrialRunner(const CampaignInputs& inputs, unsigned threads);
    TrialRunner(const TrialRunner&) = delete;
    TrialRunner& operator=(const TrialRunner&) = delete;
    ~TrialRunner();

    /// Returns the strata of the campaign's images for a network.
    const Strata& strata(std::size_t network) const;

    /// Runs the trials `task(0)` to `task(count - 1)`, each of which is a pure function of its
    /// task, and calls `sink` for each. The first exception of any thread ends the run and is
    /// thrown. Returns how many threads the system would not start.
    unsigned run(std::size_t count, const std::function<TrialTask(std::size_t)>& task,
                 const TrialSink& sink);

    /// Runs the trials that `next()` asks for, round after round, until it asks for none. Calls
    /// `sink` and then, one at a time, `keep` for each. Returns the most threads that the system
    /// would not start.
    unsigned runRounds(const std::function<std::vector<TrialTask>()>& next,
                       const std::function<void(const TrialResult&)>& keep, const TrialSink& sink);

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace brownout
