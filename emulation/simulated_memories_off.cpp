// In place of simulated_memories.cpp, in a build without the simulated hardware.
#include "base/error.h"
#include "emulation/memories.h"

namespace brownout {

MemoryFactory simulatedMemories(const std::string& kind, std::shared_ptr<ChipSource>,
                                const std::string&,
                                const std::vector<std::shared_ptr<const Protection>>&) {
    throw Error("memory " + kind,
                "this program was built without the simulated hardware (BROWNOUT_SIM=OFF)");
}

}  // namespace brownout
