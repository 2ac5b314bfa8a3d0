#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/span.h"
#include "model/chip_socket.h"
#include "model/weight_memory.h"
#include "sim/energy_ledger.h"

namespace brownout {

/// One access of one word.
struct MemoryOp {
    std::uint32_t address = 0;  ///< data word
    bool write = false;
    Word data = 0;  ///< word to write
};

/// The readiness of a reader to take responses, in memories that have a response port.
enum class BackPressure {
    kNone,    ///< ready always
    kRandom,  ///< ready in half of the cycles, at random
    kHeld,    ///< ready for one cycle in sixteen
};

/// The time and energy that a memory spent so far, as far as it knows.
struct MemoryActivity {
    std::optional<std::uint64_t> cycles;  ///< cycles of the RTL's clock
    std::optional<Picoseconds> time;      ///< simulated time
    std::vector<SupplyInterval> intervals;
};

/// A weight memory with a socket for chips that also takes traffic access by access, in order, and
/// accounts for it. It has one supply domain.
class SimulatedMemory : public WeightMemory, public ChipSocket {
 public:
    /// Executes the accesses in order. `words` and `statuses` take one entry for each read. Throws
    /// Error if an address is outside.
    virtual void execute(Span<const MemoryOp> ops, BackPressure pressure, Span<Word> words,
                         Span<WordStatus> statuses) = 0;

    /// Returns the time and energy spent since the memory was made.
    virtual MemoryActivity activity() const = 0;
};

/// Checks that an operating point has one supply. Throws Error if it has supplies for domains:
/// simulated memories have one domain.
void requireOneDomain(const OperatingPoint& at);

/// Executes accesses on any memory, one after the other.
void executeOps(WeightMemory& memory, Span<const MemoryOp> ops, Span<Word> words,
                Span<WordStatus> statuses);

}  // namespace brownout
