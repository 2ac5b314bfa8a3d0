#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "inference/dataset.h"
#include "inference/quantized_network.h"
#include "model/memory_map.h"
#include "profiles/profile.h"
#include "tools/brownout/command_line.h"
#include "emulation/campaign.h"
#include "emulation/fault_source.h"
#include "emulation/injection.h"

namespace brownout {

/// All that a sweep works on, read and checked before the first trial.
struct SweepSetup {
    CampaignSpec spec;
    std::vector<QuantizedNetwork> networks;
    std::optional<Dataset> data;
    std::optional<Profile> profile;  ///< absent in uniform mode
    std::unique_ptr<FaultSource> faults;
    LayoutSettings layout;
    DetectedPolicy detected = DetectedPolicy::kZeroCode;
};

/// Adds the options that say what to sweep.
void addSweepOptions(CommandLine& line);

/// Reads every input the options name. Throws UsageError or Error.
SweepSetup setUpSweep(const CommandLine& line);

}  // namespace brownout
