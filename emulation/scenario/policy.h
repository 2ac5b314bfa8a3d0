#pragma once

#include <memory>
#include <vector>

#include "emulation/scenario/controller.h"
#include "emulation/scenario/scenario_plan.h"
#include "model/chip_source.h"

namespace brownout {

/// A chip's controller, and the cells that it watches.
struct ChipPolicy {
    std::unique_ptr<Controller> controller;
    std::vector<std::uint32_t> canaries = {};
};

/// Checks what a policy needs. Throws UsageError naming the member of the request ("policy",
/// "table"), and Error where a measured table isn't of these chips.
void checkPolicy(const ScenarioRequest& request, const Protection& protection);

/// Makes the controller of a chip, after the self tests that its policy takes.
ChipPolicy policyFor(const ScenarioRequest& request, const ScenarioPlan& plan, ChipSource& chips,
                     std::uint32_t chip);

}  // namespace brownout
