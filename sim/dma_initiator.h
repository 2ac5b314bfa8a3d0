#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include <tlm>

#include "base/span.h"
#include "model/geometry.h"
#include "model/protection/protection.h"
#include "model/supply_domain.h"
#include "sim/decode_status.h"

namespace brownout {

/// The choices that a DMA initiator has.
struct DmaSettings {
    std::uint64_t burstWords = 64;    ///< longest transaction
    Picoseconds quantum = 1'000'000;  ///< time by which it may run ahead of the simulation
    bool direct = false;              ///< use of DMI for reads while it is granted
};

/// A module that loads weights into a memory at word address 0 of its target and reads them back,
/// in bursts, decoupled in time: it runs ahead of the simulation up to the quantum before it lets
/// others run. The functions are called from a process and return when the transfer is over, at its
/// simulated time.
class DmaInitiator final : public sc_core::sc_module {
 public:
    tlm_utils::simple_initiator_socket<DmaInitiator, 64> socket;

    explicit DmaInitiator(const sc_core::sc_module_name& name, const DmaSettings& settings = {});

    /// Writes consecutive words. Throws Error if the target refuses a transaction, naming it.
    void write(std::uint64_t first, Span<const Word> words);
    /// Reads consecutive words and the status of each (`statuses` may be empty; words
    /// read through DMI have no status, so asking for it reads without). Throws like `write`.
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses = {});

    /// Writes one word without waiting at the end: for traffic of many single accesses, after which
    /// `synchronize` is to be called.
    void writeWord(std::uint64_t address, Word word);
    /// Reads one word, and its status unless `status` is null, without waiting at the end.
    Word readWord(std::uint64_t address, WordStatus* status = nullptr);
    /// Brings the simulation to the time to which this initiator has run ahead.
    void synchronize();

    /// Returns how many words came through DMI so far.
    std::uint64_t directWords() const { return directWords_; }

 private:
    void transfer(tlm::tlm_command command, std::uint64_t first, Word* words, std::uint64_t count);
    bool readDirect(std::uint64_t first, Span<Word> words);
    void invalidate(sc_dt::uint64 start, sc_dt::uint64 end);

    DmaSettings settings_;
    tlm_utils::tlm_quantumkeeper keeper_;
    tlm::tlm_generic_payload transaction_;
    DecodeStatusExtension status_;
    tlm::tlm_dmi dmi_;
    bool dmiValid_ = false;
    std::uint64_t directWords_ = 0;
};

}  // namespace brownout
