#include "sim/rtl_clock.h"

#include "base/error.h"
#include "sim/systemc_time.h"

namespace brownout {

RtlClock::RtlClock(const sc_core::sc_module_name& name, std::unique_ptr<RtlModel> model,
                   Picoseconds period)
    : sc_core::sc_module(name),
      model_(std::move(model)),
      period_(period),
      periodTime_(systemcTime(period)) {
    SC_HAS_PROCESS(RtlClock);
    SC_METHOD(cycle);
    sensitive << start_;
    dont_initialize();
}

std::exception_ptr RtlClock::run(RtlStimulus& stimulus) {
    if (stimulus.done()) return nullptr;
    stimulus_ = &stimulus;
    failure_ = nullptr;
    start_.notify(sc_core::SC_ZERO_TIME);
    wait(finished_);
    stimulus_ = nullptr;
    return failure_;
}

void RtlClock::cycle() {
    try {
        oneCycle();
    } catch (const Error&) {
        failure_ = std::current_exception();
    } catch (const std::exception& error) {
        failure_ = std::make_exception_ptr(RtlError(error.what()));
    }
    if (failure_ || stimulus_->done()) {
        finished_.notify(periodTime_);
    } else {
        next_trigger(periodTime_);
    }
}

void RtlClock::oneCycle() {
    RtlInputs in;
    stimulus_->drive(in);
    model_->settle(in, out_);
    stimulus_->sample(in, out_);
    model_->rise();
    ++cycles_;
}

}  // namespace brownout
