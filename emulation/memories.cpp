#include "emulation/memories.h"

#include "base/error.h"
#include "hardware/frames/open_device.h"
#include "model/functional_memory.h"

namespace brownout {

MemoryFactory functionalMemories(std::shared_ptr<ChipSource> chips) {
    return [chips = std::move(chips)](std::shared_ptr<const Protection> protection) {
        auto memory = std::make_unique<FunctionalMemory>(chips, std::move(protection));
        ChipSocket* const socket = memory.get();
        return CampaignMemory{std::move(memory), socket};
    };
}

std::string memoryKind(const std::string& name) { return namesFrameDevice(name) ? "fpga" : name; }

MemoryFactory memoriesNamed(const std::string& name, std::shared_ptr<ChipSource> chips,
                            const std::string& chipsName,
                            const std::vector<std::shared_ptr<const Protection>>& protections) {
    if (name == "functional") return functionalMemories(std::move(chips));
    if (namesFrameDevice(name))
        return frameMemories(name, std::move(chips), chipsName, protections);
    if (name != "systemc" && name != "rtl") {
        throw UsageError("memory", "'" + name +
                                       "'; expected functional, systemc, rtl, tcp://HOST:PORT, "
                                       "uart:///dev/... or gdb://HOST:PORT");
    }
    return simulatedMemories(name, std::move(chips), chipsName, protections);
}

}  // namespace brownout
