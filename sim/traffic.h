#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/span.h"
#include "model/faults_at_supply.h"
#include "model/weight_memory.h"
#include "sim/energy_ledger.h"

namespace brownout {

/// One access of one word.
struct MemoryOp {
    std::uint32_t address = 0;  ///< data word
    bool write = false;
    Word data = 0;  ///< to write
};

/// How ready the reader is to take responses, in memories that have a response port.
enum class BackPressure {
    kNone,    ///< always
    kRandom,  ///< in half of the cycles, at random
    kHeld,    ///< for one cycle in sixteen
};

/// What a memory spent so far, as far as it knows.
struct MemoryActivity {
    std::optional<std::uint64_t> cycles;  ///< of the RTL's clock
    std::optional<Picoseconds> time;      ///< simulated
    std::vector<SupplyInterval> intervals;
};

/// A weight memory that also takes traffic access by access, in order, and accounts for it.
class SimulatedMemory : public WeightMemory {
 public:
    /// Takes the faults of another chip or load; they act from the next setSupply on.
    virtual void setFaults(FaultsAtSupply faults) = 0;

    /// Executes the accesses in order. `words` and `statuses` take one entry for each read. Throws
    /// Error if an address is outside.
    virtual void execute(Span<const MemoryOp> ops, BackPressure pressure, Span<Word> words,
                         Span<WordStatus> statuses) = 0;

    virtual MemoryActivity activity() const = 0;
};

/// The same on any memory, one access after the other.
void executeOps(WeightMemory& memory, Span<const MemoryOp> ops, Span<Word> words,
                Span<WordStatus> statuses);

}  // namespace brownout
