#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/chip_socket.h"
#include "model/chip_source.h"
#include "model/weight_memory.h"

namespace brownout {

/// A memory that the words of a campaign's trials go through.
struct CampaignMemory {
    std::unique_ptr<WeightMemory> memory;
    /// The memory's own socket, into which the campaign puts its chips one after the other; null
    /// where the memory has one chip and nothing is known about its cells.
    ChipSocket* socket = nullptr;
};

/// Function that makes a memory with a protection. A thread makes one for each row of a campaign
/// and uses it for all its trials: insert (where there is a socket) and setSupply are called at the
/// start of each.
using MemoryFactory = std::function<CampaignMemory(std::shared_ptr<const Protection> protection)>;

/// Returns a factory of functional memories with chips of a source.
MemoryFactory functionalMemories(std::shared_ptr<ChipSource> chips);

/// Returns a factory of SystemC memories (`kind` "systemc") or RTL buffers ("rtl") with chips of a
/// source, which errors call `chipsName`. The hardware for each of `protections` is built here,
/// once; all memories share it, from any number of threads. Throws Error if the chips don't fit it,
/// if a protection has no such hardware, or if Brownout was built without it.
MemoryFactory simulatedMemories(const std::string& kind, std::shared_ptr<ChipSource> chips,
                                const std::string& chipsName,
                                const std::vector<std::shared_ptr<const Protection>>& protections);

/// Returns the factory that a user names: "functional", "systemc" or "rtl". Throws UsageError for
/// another name, and Error as simulatedMemories does.
MemoryFactory memoriesNamed(const std::string& name, std::shared_ptr<ChipSource> chips,
                            const std::string& chipsName,
                            const std::vector<std::shared_ptr<const Protection>>& protections);

}  // namespace brownout
