#include "sim/weight_memory_target.h"

#include <algorithm>
#include <cstring>

namespace brownout {
namespace {

constexpr std::uint64_t kBytes = sizeof(Word);
constexpr std::size_t kNoPhase = ~std::size_t{0};

std::uint64_t count(Span<const WordStatus> statuses, WordStatus status) {
    return static_cast<std::uint64_t>(std::count(statuses.begin(), statuses.end(), status));
}

}  // namespace

WeightMemoryTarget::WeightMemoryTarget(const sc_core::sc_module_name& name, MemoryCore& core,
                                       SupplyDomain& supply, const EnergySettings& energy,
                                       const TargetTiming& timing)
    : sc_core::sc_module(name),
      socket("socket"),
      core_(core),
      supply_(supply),
      ledger_(supply, energy),
      timing_(timing),
      phase_(kNoPhase) {
    socket.register_b_transport(this, &WeightMemoryTarget::transport);
    socket.register_transport_dbg(this, &WeightMemoryTarget::transportDebug);
    socket.register_get_direct_mem_ptr(this, &WeightMemoryTarget::directMemory);
    supply_.onRequest([this] { invalidate(); });
}

void WeightMemoryTarget::insert(const LoadId& load, std::optional<double> temperatureC) {
    invalidate();
    core_.insert(load);
    core_.setTemperature(temperatureC);
    phase_ = kNoPhase;
}

tlm::tlm_response_status WeightMemoryTarget::check(
    const tlm::tlm_generic_payload& transaction) const {
    const std::uint64_t address = transaction.get_address();
    const std::uint64_t length = transaction.get_data_length();
    if (transaction.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    if (length == 0 || length % kBytes != 0 || transaction.get_streaming_width() < length) {
        return tlm::TLM_BURST_ERROR_RESPONSE;
    }
    const std::uint64_t bytes = core_.words() * kBytes;
    if (address % kBytes != 0 || address >= bytes || length > bytes - address) {
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    }
    return tlm::TLM_OK_RESPONSE;
}

Picoseconds WeightMemoryTarget::settle(LocalTime& at) {
    for (;;) {
        const Picoseconds local = at.now + at.ahead;
        const Picoseconds usable = supply_.usableFrom(local);
        if (usable == local) return local;
        // Others may ask for another supply while this one waits: look again afterwards.
        wait(systemcTime(usable - at.now));
        at = {picosecondsOf(sc_core::sc_time_stamp()), 0};
    }
}

void WeightMemoryTarget::enterPhase(std::size_t phase) {
    if (phase == phase_) return;
    core_.setSupply(supply_.phase(phase).to);
    phase_ = phase;
}

std::uint64_t WeightMemoryTarget::accessSome(bool write, std::uint64_t first, Span<Word> words,
                                             Span<WordStatus> statuses, Picoseconds time) {
    const std::size_t phase = supply_.phaseAt(time);
    const Picoseconds end = supply_.phase(phase).end;
    std::uint64_t some = words.size();
    if (end != kNever && timing_.perWord > 0) {
        some = std::min<std::uint64_t>(some, (end - time + timing_.perWord - 1) / timing_.perWord);
    }
    if (write) {
        core_.write(first, words.first(some));
        ledger_.addWrites(phase, some);
        invalidate();
        return some;
    }
    enterPhase(phase);
    core_.read(first, words.first(some), statuses.first(statuses.empty() ? 0 : some));
    ledger_.addReads(phase, some);
    if (core_.protection().checkBits() > 0) {
        ledger_.addCorrected(phase, count(statuses.first(some), WordStatus::kCorrected));
        ledger_.addDetected(phase, count(statuses.first(some), WordStatus::kDetected));
    }
    return some;
}

void WeightMemoryTarget::transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    transaction.set_dmi_allowed(false);
    if (transaction.is_read() || transaction.is_write()) {
        const tlm::tlm_response_status status = check(transaction);
        if (status != tlm::TLM_OK_RESPONSE) {
            transaction.set_response_status(status);
            return;
        }
        const bool write = transaction.is_write();
        const std::uint64_t first = transaction.get_address() / kBytes;
        const std::uint64_t total = transaction.get_data_length() / kBytes;
        // Local, for another process may come in while this one waits for the supply.
        std::vector<Word> words;
        std::vector<WordStatus> statuses;
        words.swap(words_);
        statuses.swap(statuses_);
        words.resize(total);
        statuses.resize(total);
        if (write) std::memcpy(words.data(), transaction.get_data_ptr(), total * kBytes);
        LocalTime at{picosecondsOf(sc_core::sc_time_stamp()), picosecondsOf(delay)};
        for (std::uint64_t done = 0; done < total;) {
            const Picoseconds time = settle(at);
            const std::uint64_t some =
                accessSome(write, first + done, Span<Word>(words).subspan(done, total - done),
                           Span<WordStatus>(statuses).subspan(done, total - done), time);
            done += some;
            at.ahead += (done < total ? some : some - 1) * timing_.perWord;
        }
        delay = systemcTime(at.ahead + (write ? timing_.writeLatency : timing_.readLatency));
        if (!write) {
            std::memcpy(transaction.get_data_ptr(), words.data(), total * kBytes);
            if (auto* wanted = transaction.get_extension<DecodeStatusExtension>()) {
                wanted->statuses.assign(statuses.begin(), statuses.end());
            }
            transaction.set_dmi_allowed(supply_.steadyFrom(at.now));
        }
        words.swap(words_);
        statuses.swap(statuses_);
    }
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned WeightMemoryTarget::transportDebug(tlm::tlm_generic_payload& transaction) {
    const std::uint64_t address = transaction.get_address();
    const std::uint64_t bytes = core_.words() * kBytes;
    if (address % kBytes != 0 || address >= bytes) return 0;
    const std::uint64_t length =
        std::min<std::uint64_t>(transaction.get_data_length(), bytes - address) / kBytes * kBytes;
    std::vector<Word> words(length / kBytes);
    if (transaction.is_read()) {
        core_.stored(address / kBytes, words);
        std::memcpy(transaction.get_data_ptr(), words.data(), length);
    } else if (transaction.is_write()) {
        std::memcpy(words.data(), transaction.get_data_ptr(), length);
        core_.write(address / kBytes, words);
        invalidate();
    } else {
        return 0;
    }
    return static_cast<unsigned>(length);
}

bool WeightMemoryTarget::directMemory(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi) {
    const Picoseconds now = picosecondsOf(sc_core::sc_time_stamp());
    dmi.init();
    dmi.set_start_address(0);
    dmi.set_end_address(core_.words() * kBytes - 1);
    if (!transaction.is_read() || transaction.get_address() >= core_.words() * kBytes ||
        !supply_.steadyFrom(now)) {
        return false;
    }
    if (!dmiGranted_) {
        enterPhase(supply_.phaseAt(now));
        image_.resize(core_.words());
        core_.read(0, image_, {});
        dmiGranted_ = true;
    }
    dmi.set_dmi_ptr(reinterpret_cast<unsigned char*>(image_.data()));
    dmi.set_read_latency(systemcTime(timing_.perWord));
    dmi.allow_read();
    return true;
}

void WeightMemoryTarget::invalidate() {
    if (!dmiGranted_) return;
    dmiGranted_ = false;
    socket->invalidate_direct_mem_ptr(0, core_.words() * kBytes - 1);
}

}  // namespace brownout
