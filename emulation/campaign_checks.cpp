#include "emulation/campaign_checks.h"

#include <set>

#include "base/error.h"
#include "emulation/value_memories.h"

namespace brownout {

void checkProtections(const MemoryRequest& memory) {
    std::set<std::string> taken;
    for (const std::string& name : memory.protections) {
        if (!taken.insert(name).second)
            throw UsageError("protection", "'" + name + "' appears twice");
    }
    if (memory.detected != DetectedPolicy::kZeroCode && taken == std::set<std::string>{"none"}) {
        throw UsageError("detected", "without a protection no word is detected as wrong");
    }
}

void checkAdaptive(const CampaignRequest& request, const Task& task) {
    const auto refuse = [](const std::string& why) { throw UsageError("precision", why); };
    if (!task.isWrong(0)) {
        refuse("goes with the task top1, whose images are right or wrong, not with " +
               request.task);
    }
    if (request.top > 1) refuse("goes with the error of the first class, not with top classes");
    if (request.offsets > 1) refuse("goes with one layout offset a chip");
    if (request.readBatch > 0) refuse("goes with one load of the weights a trial");
}

void checkDevice(const CampaignRequest& request) {
    const auto refuse = [](const char* what, const std::string& why) {
        throw UsageError(what, why + "; a device is the chip that it is");
    };
    if (request.memory.profile) refuse("profile", "has chips of its own");
    if (!request.rates.empty()) refuse("ber", "sets how many cells fail");
    if (request.search) refuse("berzad", "searches the rate of failing cells");
    if (request.precision) refuse("precision", "takes as many chips as it needs");
    if (request.accelerator) refuse("accelerator", "has memories and supplies of its own");
    if (request.parts.byBit || request.parts.byLayer) refuse("by", "lets some cells fail alone");
}

void checkSearch(const CampaignRequest& request, const Task& task) {
    const auto refuse = [](const std::string& why) { throw UsageError("berzad", why); };
    if (!task.isWrong(0)) {
        refuse("goes with the task top1, whose images are right or wrong, not with " +
               request.task);
    }
    if (valuesFail(request)) {
        refuse("goes with weights that fail alone: their cells are counted");
    }
    if (request.precision) refuse("doesn't go with a precision: each decides how many chips run");
    if (request.offsets > 1) refuse("goes with one layout offset a chip");
    if (request.readBatch > 0) refuse("goes with one load of the weights a trial");
    if (request.imagesPerTrial > request.data->size()) {
        throw UsageError("images-per-chip", std::to_string(request.imagesPerTrial) + "; " +
                                                request.data->place() + " has " +
                                                std::to_string(request.data->size()));
    }
    if (request.search && !(request.search->drop > 0 && request.search->drop < 1)) {
        throw UsageError("drop", "expected more than 0 and less than 100 percentage points");
    }
}

}  // namespace brownout
