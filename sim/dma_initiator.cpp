#include "sim/dma_initiator.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/error.h"
#include "sim/burst_plan.h"
#include "sim/systemc_time.h"

namespace brownout {
namespace {

constexpr std::uint64_t kBytes = sizeof(Word);

}  // namespace

DmaInitiator::DmaInitiator(const sc_core::sc_module_name& name, const DmaSettings& settings)
    : sc_core::sc_module(name), socket("socket"), settings_(settings) {
    tlm_utils::tlm_quantumkeeper::set_global_quantum(systemcTime(settings.quantum));
    keeper_.reset();
    socket.register_invalidate_direct_mem_ptr(this, &DmaInitiator::invalidate);
    transaction_.set_byte_enable_ptr(nullptr);
}

void DmaInitiator::transfer(tlm::tlm_command command, std::uint64_t first, Word* words,
                            std::uint64_t count) {
    transaction_.set_command(command);
    transaction_.set_address(first * kBytes);
    transaction_.set_data_ptr(reinterpret_cast<unsigned char*>(words));
    transaction_.set_data_length(static_cast<unsigned>(count * kBytes));
    transaction_.set_streaming_width(static_cast<unsigned>(count * kBytes));
    transaction_.set_dmi_allowed(false);
    transaction_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay = keeper_.get_local_time();
    // A copy of a reference to what time it is.
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
    const sc_core::sc_time before = sc_core::sc_time_stamp();
    socket->b_transport(transaction_, delay);
    // A target that had to wait has used up the time that this was ahead.
    if (sc_core::sc_time_stamp() != before) keeper_.reset();
    keeper_.set(delay);
    if (transaction_.is_response_error()) {
        throw Error("DMA", std::string(command == tlm::TLM_READ_COMMAND ? "read" : "write") +
                               " of words " + std::to_string(first) + " to " +
                               std::to_string(first + count - 1) + ": " +
                               transaction_.get_response_string());
    }
    if (keeper_.need_sync()) keeper_.sync();
}

void DmaInitiator::write(std::uint64_t first, Span<const Word> words) {
    BurstPlan plan(first, words.size(), settings_.burstWords);
    for (Burst burst = plan.next(); burst.words > 0; burst = plan.next()) {
        // The payload has one pointer for both directions; a target doesn't change what it is
        // given to write.
        transfer(tlm::TLM_WRITE_COMMAND, burst.first,
                 const_cast<Word*>(words.data()) + (burst.first - first), burst.words);
    }
    synchronize();
}

void DmaInitiator::read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) {
    BurstPlan plan(first, words.size(), settings_.burstWords);
    for (Burst burst = plan.next(); burst.words > 0; burst = plan.next()) {
        const std::uint64_t offset = burst.first - first;
        if (settings_.direct && statuses.empty() &&
            readDirect(burst.first, words.subspan(offset, burst.words))) {
            continue;
        }
        if (!statuses.empty()) transaction_.set_extension(&status_);
        try {
            transfer(tlm::TLM_READ_COMMAND, burst.first, words.data() + offset, burst.words);
        } catch (...) {
            transaction_.clear_extension(&status_);
            throw;
        }
        if (!statuses.empty()) {
            transaction_.clear_extension(&status_);
            std::copy(status_.statuses.begin(), status_.statuses.end(),
                      statuses.begin() + static_cast<std::ptrdiff_t>(offset));
        }
    }
    synchronize();
}

void DmaInitiator::writeWord(std::uint64_t address, Word word) {
    transfer(tlm::TLM_WRITE_COMMAND, address, &word, 1);
}

Word DmaInitiator::readWord(std::uint64_t address, WordStatus* status) {
    Word word = 0;
    if (status != nullptr) transaction_.set_extension(&status_);
    transfer(tlm::TLM_READ_COMMAND, address, &word, 1);
    if (status != nullptr) {
        transaction_.clear_extension(&status_);
        *status = status_.statuses.at(0);
    }
    return word;
}

void DmaInitiator::synchronize() { keeper_.sync(); }

bool DmaInitiator::readDirect(std::uint64_t first, Span<Word> words) {
    if (!dmiValid_) {
        transaction_.set_command(tlm::TLM_READ_COMMAND);
        transaction_.set_address(first * kBytes);
        dmiValid_ = socket->get_direct_mem_ptr(transaction_, dmi_) && dmi_.is_read_allowed();
    }
    const std::uint64_t start = first * kBytes;
    const std::uint64_t length = words.size() * kBytes;
    if (!dmiValid_ || start < dmi_.get_start_address() ||
        start + length - 1 > dmi_.get_end_address()) {
        return false;
    }
    std::memcpy(words.data(), dmi_.get_dmi_ptr() + (start - dmi_.get_start_address()), length);
    directWords_ += words.size();
    keeper_.inc(dmi_.get_read_latency() * static_cast<double>(words.size()));
    if (keeper_.need_sync()) keeper_.sync();
    return true;
}

void DmaInitiator::invalidate(sc_dt::uint64 /*start*/, sc_dt::uint64 /*end*/) { dmiValid_ = false; }

}  // namespace brownout
