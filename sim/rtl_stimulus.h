#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/span.h"
#include "model/coded_overlay.h"
#include "model/protection/protection.h"
#include "model/random.h"
#include "model/rtl_buffer_shape.h"
#include "sim/rtl_model.h"
#include "sim/traffic.h"

namespace brownout {

/// The error of RTL that breaks the port contract, or one of whose assertions failed.
class RtlError : public Error {
 public:
    explicit RtlError(const std::string& problem) : Error("RTL", problem) {}
};

/// The doings of a test bench at a weight buffer, cycle by cycle. Plain C++: anything that clocks a
/// model can run one.
class RtlStimulus {
 public:
    virtual ~RtlStimulus() = default;

    /// Sets the inputs of this cycle; those it doesn't care about are as after RtlInputs().
    virtual void drive(RtlInputs& in) = 0;
    /// Takes what the pins were at the rising edge of this cycle. Throws RtlError if the buffer
    /// breaks the port contract.
    virtual void sample(const RtlInputs& in, const RtlOutputs& out) = 0;
    /// Returns whether no cycle more is wanted.
    virtual bool done() const = 0;
};

/// Runs `stimulus` on a model without a kernel; returns the cycles it took.
std::uint64_t runCycles(RtlModel& model, RtlStimulus& stimulus);

/// The stimulus that holds the buffer in reset for a few cycles.
class ResetStimulus final : public RtlStimulus {
 public:
    void drive(RtlInputs& in) override { in.reset = true; }
    void sample(const RtlInputs&, const RtlOutputs&) override { ++cycles_; }
    bool done() const override { return cycles_ == 4; }

 private:
    int cycles_ = 0;
};

/// The stimulus that removes every fault mask and loads those of an overlay, one beat a faulty
/// word.
class OverlayLoad final : public RtlStimulus {
 public:
    OverlayLoad(const CodedOverlay& overlay, const RtlAddressMap& map);

    void drive(RtlInputs& in) override;
    void sample(const RtlInputs& in, const RtlOutputs& out) override;
    bool done() const override { return next_ > faults_.size() && ready_; }

 private:
    std::vector<CodedFault> faults_;
    RtlAddressMap map_;
    std::size_t next_ = 0;  ///< beat 0 clears; beat i loads fault i - 1
    bool ready_ = false;    ///< the port took the last beat and is ready again: all masks are in
    std::uint64_t waited_ = 0;
};

/// The stimulus that sends accesses as fast as the buffer takes them and collects the responses.
class TrafficStimulus final : public RtlStimulus {
 public:
    /// Makes a stimulus that sends `ops`; `words` and `statuses` take one entry for each read in
    /// them. All must outlive the stimulus.
    TrafficStimulus(Span<const MemoryOp> ops, const RtlAddressMap& map, BackPressure pressure,
                    Span<Word> words, Span<WordStatus> statuses);

    void drive(RtlInputs& in) override;
    void sample(const RtlInputs& in, const RtlOutputs& out) override;
    bool done() const override { return next_ == ops_.size() && answered_ == requested_; }

 private:
    bool readyNow();

    Span<const MemoryOp> ops_;
    RtlAddressMap map_;
    BackPressure pressure_;
    Span<Word> words_;
    Span<WordStatus> statuses_;
    std::size_t next_ = 0;       ///< index into ops_ of the next access
    std::size_t requested_ = 0;  ///< reads that were requested
    std::size_t answered_ = 0;
    std::uint64_t waited_ = 0;
    std::uint64_t cycle_ = 0;
    RandomStream random_{1, RandomDomain::kTraffic, 0, 7};
    std::uint64_t randomBits_ = 0;
    bool held_ = false;  ///< a response was offered and not taken in the last cycle
    RtlOutputs last_;
};

}  // namespace brownout
