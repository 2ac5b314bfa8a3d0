#include "base/error.h"
#include "emulation/shared_memory.h"
#include "hardware/frames/frame_memory.h"
#include "hardware/frames/open_device.h"

namespace brownout {

MemoryFactory frameMemories(const std::string& address, std::shared_ptr<ChipSource> chips,
                            const std::string& chipsName,
                            const std::vector<std::shared_ptr<const Protection>>& protections) {
    auto bench = std::make_shared<Bench>();
    for (const auto& protection : protections) {
        // The device has one codec: a second protection that isn't the same is refused below.
        if (bench->memory && protection->name() == bench->memory->protection().name()) continue;
        if (bench->memory) {
            throw Error(address, "has the codec of the protection " +
                                     bench->memory->protection().name() + ", not of " +
                                     protection->name() + " as well");
        }
        auto memory = std::make_unique<FrameMemory>(openFrameDevice("--memory", address), chips,
                                                    protection, chipsName);
        bench->socket = memory.get();
        bench->memory = std::move(memory);
    }
    return [bench](const std::shared_ptr<const Protection>&) { return shareOf(bench); };
}

}  // namespace brownout
