#pragma once

#include <functional>
#include <vector>

#include "inference/dataset.h"
#include "inference/quantized_network.h"
#include "model/memory_map.h"
#include "tools/campaign/campaign.h"
#include "tools/campaign/counts.h"
#include "tools/campaign/fault_source.h"

namespace brownout {

/// What the trials of a campaign work on; indices are those of its CampaignSpec.
struct CampaignInputs {
    const CampaignSpec& spec;
    const std::vector<QuantizedNetwork>& networks;
    const Dataset& data;  ///< its first `spec.images` images are used
    FaultSource& faults;
    LayoutSettings layout;  ///< offset aside, which each trial sets
};

/// Called for each finished trial before its thread begins another: by several threads at once.
using TrialSink = std::function<void(const TrialKey&, const TrialCounts&)>;

/// Runs every trial for which `isDone(key)` is false, on `threads` threads. A trial is a pure
/// function of its key, so the results don't depend on the number of threads, their order, or what
/// was done in an earlier run. Trials go chip by chip. Memory: for each thread one copy of the
/// weights of every network, one chip, and one batch of activations. The first exception of any
/// thread ends the run and is thrown.
void runCampaign(const CampaignInputs& inputs, unsigned threads,
                 const std::function<bool(const TrialKey&)>& isDone, const TrialSink& sink);

}  // namespace brownout
