#pragma once

#include <vector>

#include "emulation/runner.h"

namespace brownout {

/// Runs the search of every row of a campaign (berzad.h) from the trials that are finished to its
/// end, in rounds of all rows at once, and returns how many threads the system would not start. The
/// trials don't depend on threads or on what was finished before.
unsigned runSearch(const CampaignInputs& inputs, unsigned threads,
                   std::vector<TrialResult> finished, const TrialSink& sink);

}  // namespace brownout
