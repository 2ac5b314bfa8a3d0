#include "emulation/adaptive_campaign.h"

#include <algorithm>

#include "emulation/adaptive_plan.h"
#include "emulation/trial_runner.h"

namespace brownout {
namespace {

/// The trials of one network so far.
class NetworkRun {
 public:
    NetworkRun(const CampaignSpec& spec, std::uint32_t network, const StratumSizes& sizes)
        : spec_(spec), network_(network), sizes_(sizes) {}

    void add(const TrialResult& trial) { trials_.push_back(trial); }

    /// Adds the trials of the round that is next to `tasks`, but for those that are finished.
    void addRound(std::vector<TrialTask>& tasks) {
        std::sort(trials_.begin(), trials_.end(),
                  [](const TrialResult& a, const TrialResult& b) { return a.key < b.key; });
        points_ = runPoints(spec_, network_, sizes_, trials_, points_);
        const RunPoint& last = points_.back();
        if (!last.state.next) return;
        for (std::uint32_t chip = last.state.next->firstChip; chip < last.state.next->endChip;
             ++chip) {
            const TrialKey key{network_, last.point, chip, 0};
            const bool done = std::binary_search(
                trials_.begin(), trials_.end(), TrialResult{key, {}, {}},
                [](const TrialResult& a, const TrialResult& b) { return a.key < b.key; });
            if (!done) {
                tasks.push_back({key, last.state.next->allocation, last.state.next->division});
            }
        }
    }

 private:
    const CampaignSpec& spec_;
    std::uint32_t network_;
    StratumSizes sizes_;
    std::vector<TrialResult> trials_;
    std::vector<RunPoint> points_;  ///< as of the last round
};

}  // namespace

unsigned runAdaptive(const CampaignInputs& inputs, unsigned threads,
                     std::vector<TrialResult> finished, const TrialSink& sink) {
    TrialRunner runner(inputs, threads);
    std::vector<NetworkRun> networks;
    for (std::uint32_t network = 0; network < inputs.rows.networks.size(); ++network) {
        networks.emplace_back(inputs.spec, network, runner.strata(network).sizes());
    }
    for (const TrialResult& trial : finished) networks.at(trial.key.network).add(trial);
    return runner.runRounds(
        [&] {
            std::vector<TrialTask> tasks;
            for (NetworkRun& network : networks) network.addRound(tasks);
            return tasks;
        },
        [&](const TrialResult& trial) { networks[trial.key.network].add(trial); }, sink);
}

}  // namespace brownout
