#include <map>

#include "emulation/shared_memory.h"
#include "sim/rtl_memory.h"

namespace brownout {
namespace {

/// The simulated hardware of a campaign: a memory for each protection.
struct Hardware {
    SimulationKernel kernel;
    std::map<std::string, Bench> benches;  ///< by protection
};

void build(Bench& bench, SimulationKernel& kernel, const std::string& kind,
           const SimulatedMemorySettings& settings, const std::string& chipsName) {
    std::unique_ptr<SimulatedMemory> memory;
    if (kind == "systemc") {
        memory = std::make_unique<SystemCMemory>(kernel, settings);
    } else {
        RtlBufferModel buffer = builtInBuffer(settings.protection->name());
        checkFits(buffer, settings.chips->geometry(), *settings.protection, chipsName);
        memory = std::make_unique<RtlMemory>(kernel, std::move(buffer), settings);
    }
    bench.socket = memory.get();
    bench.memory = std::move(memory);
}

}  // namespace

MemoryFactory simulatedMemories(const std::string& kind, std::shared_ptr<ChipSource> chips,
                                const std::string& chipsName,
                                const std::vector<std::shared_ptr<const Protection>>& protections) {
    auto hardware = std::make_shared<Hardware>();
    for (const auto& protection : protections) {
        SimulatedMemorySettings settings;
        settings.chips = chips;
        settings.protection = protection;
        Bench& bench = hardware->benches[protection->name()];
        if (!bench.memory) build(bench, hardware->kernel, kind, settings, chipsName);
    }
    return [hardware](const std::shared_ptr<const Protection>& protection) {
        // A bench lives as long as its hardware.
        return shareOf({hardware, &hardware->benches.at(protection->name())});
    };
}

}  // namespace brownout
