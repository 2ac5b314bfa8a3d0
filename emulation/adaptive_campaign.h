#pragma once

#include <vector>

#include "emulation/runner.h"

namespace brownout {

/// Runs an adaptive campaign, `inputs.spec.precision`, on `threads` threads, from the trials that
/// are finished to its end, and calls `sink` for each new one. What is run follows from finished
/// rounds alone (adaptive_plan.h): the results don't depend on the number of threads, nor on where
/// an earlier run ended. Networks go side by side. Memory and exceptions are those of runCampaign.
/// Returns how many threads the system would not start.
unsigned runAdaptive(const CampaignInputs& inputs, unsigned threads,
                     std::vector<TrialResult> finished, const TrialSink& sink);

}  // namespace brownout
