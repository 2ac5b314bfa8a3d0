#pragma once

#include "emulation/request.h"
#include "emulation/task.h"

namespace brownout {

/// Throws UsageError if a protection appears twice, or if what stands for detected words is chosen
/// and nothing detects any.
void checkProtections(const MemoryRequest& memory);

/// Throws UsageError unless the trials of a request may take some of the images only.
void checkAdaptive(const CampaignRequest& request, const Task& task);

/// Throws UsageError where a request asks of a device what only simulated chips can do.
void checkDevice(const CampaignRequest& request);

/// Throws UsageError unless drops of accuracy can be told from the trials of a request.
void checkSearch(const CampaignRequest& request, const Task& task);

}  // namespace brownout
