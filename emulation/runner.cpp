#include "emulation/runner.h"

#include "emulation/shard.h"
#include "emulation/trial_runner.h"

namespace brownout {

unsigned runCampaign(const CampaignInputs& inputs, unsigned threads,
                     const std::function<bool(const TrialKey&)>& isDone, const TrialSink& sink) {
    const CampaignSpec& spec = inputs.spec;
    std::vector<std::uint64_t> open;
    for (std::uint64_t i = 0; i < trialCount(spec); ++i) {
        if (!isDone(trialAt(spec, i))) open.push_back(i);
    }
    if (open.empty()) return 0;
    return TrialRunner(inputs, threads)
        .run(
            open.size(), [&](std::size_t i) { return TrialTask{trialAt(spec, open[i])}; }, sink);
}

}  // namespace brownout
