#include "emulation/rate_search.h"

#include <algorithm>
#include <mutex>

#include "emulation/berzad.h"
#include "emulation/trial_runner.h"

namespace brownout {
namespace {

bool isBefore(const TrialResult& a, const TrialResult& b) { return a.key < b.key; }

}  // namespace

unsigned runSearch(const CampaignInputs& inputs, unsigned threads,
                   std::vector<TrialResult> finished, const TrialSink& sink) {
    TrialRunner runner(inputs, threads);
    std::vector<std::vector<TrialResult>> rows(inputs.rows.networks.size());
    for (TrialResult& trial : finished) rows.at(trial.key.network).push_back(std::move(trial));
    std::vector<bool> ended(rows.size());
    unsigned missing = 0;
    for (;;) {
        std::vector<TrialTask> tasks;
        for (std::uint32_t row = 0; row < rows.size(); ++row) {
            if (ended[row]) continue;
            std::vector<TrialResult>& trials = rows[row];
            std::sort(trials.begin(), trials.end(), isBefore);
            const SearchState state = searchState(inputs.spec, row, trials);
            ended[row] = !state.next;
            if (ended[row]) continue;
            for (std::uint32_t chip = state.next->firstChip; chip < state.next->endChip; ++chip) {
                const TrialKey key{row, state.next->point, chip, 0};
                const TrialResult wanted{key, {}, {}};
                if (std::binary_search(trials.begin(), trials.end(), wanted, isBefore)) continue;
                tasks.push_back({key, {}});
            }
        }
        if (tasks.empty()) return missing;
        // Rows at the same rate and chip one after the other share the drawing of its faults.
        std::stable_sort(tasks.begin(), tasks.end(), [](const TrialTask& a, const TrialTask& b) {
            return std::tie(a.key.chip, a.key.point) < std::tie(b.key.chip, b.key.point);
        });
        std::mutex mutex;
        const unsigned without = runner.run(
            tasks.size(), [&](std::size_t i) { return tasks[i]; },
            [&](const TrialResult& trial) {
                sink(trial);
                const std::lock_guard<std::mutex> lock(mutex);
                rows[trial.key.network].push_back(trial);
            });
        missing = std::max(missing, without);
    }
}

}  // namespace brownout
