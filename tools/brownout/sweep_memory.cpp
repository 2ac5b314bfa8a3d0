#include "tools/brownout/sweep_memory.h"

#include "base/error.h"
#include "model/functional_memory.h"

namespace brownout {

MemoryFactory memoryFor(const std::string& name, const Campaign& campaign) {
    if (name == "functional") {
        return [](const SramGeometry& chip, std::shared_ptr<const Protection> codec,
                  FaultsAtSupply faults) -> std::unique_ptr<WeightMemory> {
            return std::make_unique<FunctionalMemory>(chip, std::move(codec), std::move(faults));
        };
    }
    if (name != "systemc" && name != "rtl") {
        throw UsageError("--memory", "'" + name + "'; expected functional, systemc or rtl");
    }
    return simulatedMemoryFor(name, campaign);
}

}  // namespace brownout
