#include "emulation/rate_search.h"

#include <algorithm>
#include <tuple>

#include "emulation/berzad.h"
#include "emulation/trial_runner.h"

namespace brownout {
namespace {

bool isBefore(const TrialResult& a, const TrialResult& b) { return a.key < b.key; }

/// The search of one row so far.
class RowSearch {
 public:
    RowSearch(const CampaignSpec& spec, std::uint32_t row) : spec_(spec), row_(row) {}

    void add(const TrialResult& trial) { trials_.push_back(trial); }

    /// Adds the trials of the round that is next to `tasks`, but for those that are finished.
    void addRound(std::vector<TrialTask>& tasks) {
        if (ended_) return;
        std::sort(trials_.begin(), trials_.end(), isBefore);
        const std::optional<SearchRound> next = searchState(spec_, row_, trials_).next;
        ended_ = !next;
        if (ended_) return;
        for (std::uint32_t chip = next->firstChip; chip < next->endChip; ++chip) {
            const TrialKey key{row_, next->point, chip, 0};
            const TrialResult wanted{key, {}, {}};
            if (std::binary_search(trials_.begin(), trials_.end(), wanted, isBefore)) continue;
            tasks.push_back({key, {}});
        }
    }

 private:
    const CampaignSpec& spec_;
    std::uint32_t row_;
    std::vector<TrialResult> trials_;
    bool ended_ = false;
};

}  // namespace

unsigned runSearch(const CampaignInputs& inputs, unsigned threads,
                   std::vector<TrialResult> finished, const TrialSink& sink) {
    TrialRunner runner(inputs, threads);
    std::vector<RowSearch> rows;
    for (std::uint32_t row = 0; row < inputs.rows.networks.size(); ++row) {
        rows.emplace_back(inputs.spec, row);
    }
    for (const TrialResult& trial : finished) rows.at(trial.key.network).add(trial);
    const auto nextRound = [&] {
        std::vector<TrialTask> tasks;
        for (RowSearch& row : rows) row.addRound(tasks);
        // Rows at the same rate and chip one after the other share the drawing of its faults.
        std::stable_sort(tasks.begin(), tasks.end(), [](const TrialTask& a, const TrialTask& b) {
            return std::tie(a.key.chip, a.key.point) < std::tie(b.key.chip, b.key.point);
        });
        return tasks;
    };
    return runner.runRounds(
        nextRound, [&](const TrialResult& trial) { rows[trial.key.network].add(trial); }, sink);
}

}  // namespace brownout
