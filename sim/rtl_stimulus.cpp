#include "sim/rtl_stimulus.h"

#include <string>

namespace brownout {
namespace {

/// A buffer that does nothing for so many cycles is taken for dead. Clearing all masks of the
/// largest buffer takes a cycle a row.
constexpr std::uint64_t kPatience = 1'000'000;

RtlCoded coded(Word data, std::uint8_t check) { return {data, check}; }

}  // namespace

std::uint64_t runCycles(RtlModel& model, RtlStimulus& stimulus) {
    RtlOutputs out;
    std::uint64_t cycles = 0;
    for (; !stimulus.done(); ++cycles) {
        RtlInputs in;
        stimulus.drive(in);
        model.settle(in, out);
        stimulus.sample(in, out);
        model.rise();
    }
    return cycles;
}

OverlayLoad::OverlayLoad(const CodedOverlay& overlay, const RtlAddressMap& map) : map_(map) {
    overlay.forEachWord([this](const CodedFault& fault) { faults_.push_back(fault); });
}

void OverlayLoad::drive(RtlInputs& in) {
    if (next_ > faults_.size()) return;
    in.ovlValid = true;
    in.ovlClear = next_ == 0;
    if (next_ == 0) return;
    const CodedFault& fault = faults_[next_ - 1];
    in.ovlAddr = map_.addressOf(fault.word);
    in.ovlAnd = coded(fault.andMask, fault.checkAnd);
    in.ovlOr = coded(fault.orMask, fault.checkOr);
    in.ovlXor = coded(fault.xorMask, fault.checkXor);
}

void OverlayLoad::sample(const RtlInputs& in, const RtlOutputs& out) {
    waited_ = out.ovlReady ? 0 : waited_ + 1;
    if (waited_ > kPatience) {
        throw RtlError("ovl_ready_o stays low: the port took " + std::to_string(next_) + " of " +
                       std::to_string(faults_.size() + 1) + " beats");
    }
    if (in.ovlValid && out.ovlReady) {
        ++next_;
    } else if (!in.ovlValid) {
        ready_ = out.ovlReady;
    }
}

TrafficStimulus::TrafficStimulus(Span<const MemoryOp> ops, const RtlAddressMap& map,
                                 BackPressure pressure, Span<Word> words, Span<WordStatus> statuses)
    : ops_(ops), map_(map), pressure_(pressure), words_(words), statuses_(statuses) {}

bool TrafficStimulus::readyNow() {
    switch (pressure_) {
        case BackPressure::kRandom:
            if (cycle_ % 64 == 0) randomBits_ = random_.next();
            return (randomBits_ >> (cycle_ % 64) & 1U) != 0;
        case BackPressure::kHeld:
            return cycle_ % 16 == 15;
        case BackPressure::kNone:
            break;
    }
    return true;
}

void TrafficStimulus::drive(RtlInputs& in) {
    in.rspReady = readyNow();
    if (next_ == ops_.size()) return;
    const MemoryOp& op = ops_[next_];
    in.reqValid = true;
    in.reqWrite = op.write;
    in.reqAddr = map_.addressOf(op.address);
    in.reqWdata = op.data;
}

void TrafficStimulus::sample(const RtlInputs& in, const RtlOutputs& out) {
    ++cycle_;
    ++waited_;
    if (held_ &&
        !(out.rspValid && out.rspRdata == last_.rspRdata && out.rspStatus == last_.rspStatus)) {
        throw RtlError("the response to read " + std::to_string(answered_) +
                       " changed while it waited for rsp_ready_i");
    }
    held_ = out.rspValid && !in.rspReady;
    if (held_) last_ = out;
    if (out.rspValid && in.rspReady) {
        if (answered_ == requested_) {
            throw RtlError("rsp_valid_o without a read that waits for a response, after " +
                           std::to_string(next_) + " requests");
        }
        if (out.rspStatus > 2) {
            throw RtlError("rsp_status_o is 3 in the response to read " +
                           std::to_string(answered_) + "; expected 0, 1 or 2");
        }
        words_[answered_] = out.rspRdata;
        statuses_[answered_] = static_cast<WordStatus>(out.rspStatus);
        ++answered_;
        waited_ = 0;
    }
    if (in.reqValid && out.reqReady) {
        requested_ += in.reqWrite ? 0 : 1;
        ++next_;
        waited_ = 0;
    }
    if (waited_ > kPatience) {
        throw RtlError("nothing happens: " + std::to_string(next_) + " of " +
                       std::to_string(ops_.size()) + " requests taken, " +
                       std::to_string(answered_) + " of " + std::to_string(requested_) +
                       " reads answered");
    }
}

}  // namespace brownout
