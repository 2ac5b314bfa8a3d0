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

/// Returns a factory of memories in an FPGA that plays chips of a source: one device, at
/// tcp://HOST:PORT or uart:///dev/..., which all threads use in turn. Throws Error if it can't be
/// reached, if its codec isn't that of all `protections`, or if the chips don't fit it.
MemoryFactory frameMemories(const std::string& address, std::shared_ptr<ChipSource> chips,
                            const std::string& chipsName,
                            const std::vector<std::shared_ptr<const Protection>>& protections);

/// Returns the kind of memory that a name of memoriesNamed stands for, which is what a campaign is
/// known by: "fpga" for an address, wherever the FPGA is, and other names as they are.
std::string memoryKind(const std::string& name);

/// Returns the factory that a user names: "functional", "systemc", "rtl", or the address of an
/// FPGA. Throws UsageError for another name, and Error as the functions above do.
MemoryFactory memoriesNamed(const std::string& name, std::shared_ptr<ChipSource> chips,
                            const std::string& chipsName,
                            const std::vector<std::shared_ptr<const Protection>>& protections);

}  // namespace brownout
