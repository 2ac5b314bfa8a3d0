#pragma once

#include <exception>
#include <memory>
#include <systemc>

#include "model/supply_domain.h"
#include "sim/rtl_model.h"
#include "sim/rtl_stimulus.h"

namespace brownout {

/// A module that clocks a verilated buffer in SystemC: one activation of the kernel a clock cycle
/// while there is something to do, none otherwise. It serves every buffer behind RtlModel, ours
/// with any protection or a user's own.
class RtlClock final : public sc_core::sc_module {
 public:
    RtlClock(const sc_core::sc_module_name& name, std::unique_ptr<RtlModel> model,
             Picoseconds period);

    /// Runs a stimulus to its end; the caller, a process, waits meanwhile. Returns what the
    /// stimulus threw, or an RtlError for a failing assertion of the RTL, or null. It isn't thrown
    /// here: a process has a stack of its own, which sanitizers don't know how to unwind.
    std::exception_ptr run(RtlStimulus& stimulus);

    /// Returns the clock cycles so far.
    std::uint64_t cycles() const { return cycles_; }
    Picoseconds period() const { return period_; }
    RtlModel& model() { return *model_; }

 private:
    void cycle();
    void oneCycle();

    std::unique_ptr<RtlModel> model_;
    Picoseconds period_;
    sc_core::sc_time periodTime_;
    RtlStimulus* stimulus_ = nullptr;
    RtlOutputs out_;
    sc_core::sc_event start_;
    sc_core::sc_event finished_;
    std::exception_ptr failure_;
    std::uint64_t cycles_ = 0;
};

}  // namespace brownout
