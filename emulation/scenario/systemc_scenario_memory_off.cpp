// In place of systemc_scenario_memory.cpp, in a build without the simulated hardware.
#include "base/error.h"
#include "emulation/scenario/scenario_memory.h"

namespace brownout {

std::unique_ptr<ScenarioMemory> systemcScenarioMemory(const ScenarioSubject&,
                                                      std::shared_ptr<ChipSource>, std::uint64_t,
                                                      const SupplySettings&, double) {
    throw Error("memory systemc",
                "this program was built without the simulated hardware (BROWNOUT_SIM=OFF)");
}

}  // namespace brownout
