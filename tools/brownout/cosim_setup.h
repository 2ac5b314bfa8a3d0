#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "emulation/points.h"
#include "profiles/profile.h"
#include "sim/cosim_traffic.h"
#include "sim/rtl_memory.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/cosim_report.h"

namespace brownout {

/// All that a co-simulation works on, read and checked before anything is simulated.
struct CosimSetup {
    std::optional<Profile> profile;
    std::vector<LabelledSupply> supplies;
    std::shared_ptr<const Protection> protection;
    LoadId load;  ///< chip, and the outcome of cells that fail only sometimes, of all memories
    SimulatedMemorySettings memory;
    TrafficSettings traffic;
    CosimReport report;
};

/// Adds the options of a co-simulation.
void addCosimOptions(CommandLine& line);

/// Reads and checks all that the options name, but for a weight buffer. Throws UsageError or Error.
CosimSetup cosimSetupOf(const CommandLine& line);

/// Returns the weight buffer for the RTL memory: ours with the codec of the protection, or the
/// user's, which is built. Throws UsageError or Error.
RtlBufferModel bufferOf(const CommandLine& line, const CosimSetup& setup);

}  // namespace brownout
