#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <tlm>
#include <vector>

#include "sim/decode_status.h"
#include "sim/energy_ledger.h"
#include "sim/memory_core.h"
#include "model/supply_domain.h"
#include "sim/systemc_time.h"

namespace brownout {

/// The duration of accesses. Word i of a burst is accessed i * perWord after its start; the burst
/// is over after the latency and one perWord for every further word.
struct TargetTiming {
    Picoseconds readLatency = 2000;
    Picoseconds writeLatency = 1000;
    Picoseconds perWord = 1000;
};

/// The weight memory as a TLM-2.0 target (base protocol, 64-bit socket). Word n is at byte address
/// 8 n, in the byte order of the host; words narrower than 64 bits leave the high bits zero.
///
/// - `b_transport` annotates its time and returns without waiting, unless the supply isn't settled:
///   then it waits until it is. Bit errors are data: the response is OK, and a
///   DecodeStatusExtension, if there is one, gets the status of each word. A supply change that was
///   requested ahead of time in the middle of a burst splits it: the words before come from the old
///   supply, the rest waits for the new one. A change requested while a burst is annotated takes
///   effect with the next transaction.
/// - Refused: addresses beyond the memory or not a multiple of 8 (TLM_ADDRESS_ERROR_RESPONSE),
///   lengths that aren't a positive multiple of 8 and streaming widths below the length
///   (TLM_BURST_ERROR_RESPONSE), byte enables (TLM_BYTE_ENABLE_ERROR_RESPONSE), for a protected
///   word can't be written in part. TLM_IGNORE_COMMAND does nothing and is OK.
/// - `transport_dbg` reads and writes the stored words, as if no cell failed, in no time and
///   without energy.
/// - DMI is granted for reading only, over an image of the words as the present supply gives them,
///   and while the supply is settled and no change is pending. It is invalidated at every change of
///   supply or content. Reads through it are not in the statistics.
class WeightMemoryTarget final : public sc_core::sc_module {
 public:
    tlm_utils::simple_target_socket<WeightMemoryTarget, 64> socket;

    /// Makes the target of `core`. `core` and `supply` must outlive the module.
    WeightMemoryTarget(const sc_core::sc_module_name& name, MemoryCore& core, SupplyDomain& supply,
                       const EnergySettings& energy, const TargetTiming& timing = {});

    /// Takes another chip or load, from here on at `temperatureC` (°C).
    void insert(const LoadId& load, std::optional<double> temperatureC = {});
    /// Looks up the faults at the supply asked for last, so that a supply that nothing is known
    /// about is an error here and not at the next read.
    void prepare() { enterPhase(supply_.phases() - 1); }

    const EnergyLedger& ledger() const { return ledger_; }

 private:
    void transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    unsigned transportDebug(tlm::tlm_generic_payload& transaction);
    bool directMemory(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi);

    tlm::tlm_response_status check(const tlm::tlm_generic_payload& transaction) const;
    /// The time of the simulation, asked for once, and how far a transaction is ahead of it.
    struct LocalTime {
        Picoseconds now;
        Picoseconds ahead;
    };
    /// Waits until accesses may be made at `at`, which it sets to the time after a wait; returns
    /// that time.
    Picoseconds settle(LocalTime& at);
    /// Accesses consecutive words as far as one supply reaches; returns how many words that are.
    std::uint64_t accessSome(bool write, std::uint64_t first, Span<Word> words,
                             Span<WordStatus> statuses, Picoseconds time);
    void enterPhase(std::size_t phase);
    void invalidate();

    MemoryCore& core_;
    SupplyDomain& supply_;
    EnergyLedger ledger_;
    TargetTiming timing_;
    std::size_t phase_;  ///< phase whose faults the core has
    std::vector<Word> words_;
    std::vector<WordStatus> statuses_;
    std::vector<Word> image_;  ///< words as DMI shows them
    bool dmiGranted_ = false;
};

}  // namespace brownout
