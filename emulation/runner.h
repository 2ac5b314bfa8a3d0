#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "emulation/campaign_rows.h"
#include "emulation/campaign_spec.h"
#include "emulation/memories.h"
#include "emulation/task.h"
#include "emulation/trial_counts.h"
#include "model/chip_source.h"
#include "model/memory_map.h"

namespace brownout {

/// The things that the trials of a campaign work on; indices are those of its CampaignSpec.
struct CampaignInputs {
    const CampaignSpec& spec;
    const CampaignRows& rows;  ///< of whose data the first `spec.images` images are used
    const Task& task;
    std::shared_ptr<ChipSource> chips;
    LayoutSettings layout;  ///< layout, but for the offset, which each trial sets
    DetectedPolicy detected = DetectedPolicy::kZeroCode;
    /// Factory of the memories that words go through. Without one, trials patch faulty words
    /// directly, which gives the same results far faster.
    MemoryFactory memory;
    bool exact = false;  ///< see EngineSettings::exact
    ValueChips valueChips = {};
};

/// Function that is called for each finished trial before its thread begins another: by several
/// threads at once.
using TrialSink = std::function<void(const TrialResult&)>;

/// Runs every trial for which `isDone(key)` is false, on `threads` threads. A trial is a pure
/// function of its key, so the results don't depend on the number of threads, their order, or what
/// was done in an earlier run. Trials go chip by chip. Memory: for each thread one copy of the
/// weights of every network, one chip, and one batch of activations; for all together at most 512
/// MiB of activations without faults, behind which trials begin whose faults lie in later layers
/// only. The first exception of any thread ends the run and is thrown. Returns how many threads the
/// system would not start, without which the run took longer: there are as many as trials at the
/// most.
unsigned runCampaign(const CampaignInputs& inputs, unsigned threads,
                     const std::function<bool(const TrialKey&)>& isDone, const TrialSink& sink);

}  // namespace brownout
