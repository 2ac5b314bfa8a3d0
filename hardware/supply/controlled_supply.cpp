#include "hardware/supply/controlled_supply.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "base/error.h"
#include "base/numbers.h"
#include "hardware/connection/deadline.h"

namespace brownout {

std::string inVolts(double volts) { return shortestNumber(volts) + " V"; }

void validate(const SupplyPlan& plan) {
    if (!(plan.lowestV >= 0 && plan.highestV > plan.lowestV)) {
        throw UsageError("limits", inVolts(plan.lowestV) + " to " + inVolts(plan.highestV) +
                                       "; expected the lowest voltage first");
    }
    if (!(plan.nominalV >= plan.lowestV && plan.nominalV <= plan.highestV)) {
        throw UsageError("nominal", inVolts(plan.nominalV) + " is outside the limits, " +
                                        inVolts(plan.lowestV) + " to " + inVolts(plan.highestV));
    }
    if (!(plan.stepV > 0)) throw UsageError("ramp-step", "expected more than 0 V");
    if (!(plan.toleranceV > 0)) throw UsageError("tolerance", "expected more than 0 V");
}

ControlledSupply::ControlledSupply(std::unique_ptr<SupplyInstrument> instrument,
                                   const SupplyPlan& plan, SupplyWatch* watch)
    : instrument_(std::move(instrument)), plan_(plan), watch_(watch) {
    validate(plan_);
    // The supply may be anywhere, also outside the limits; it comes back in steps, too.
    askedV_ = instrument_->measure();
    moveToNominal();
}

ControlledSupply::~ControlledSupply() {
    for (int attempt = 0; away_ && attempt < 2; ++attempt) {
        try {
            moveToNominal();
        } catch (const Error&) {
            // Again without a watch, which may be what fails; if it is the supply, the guardian
            // finds out (hardware/guard).
            watch_ = nullptr;
        }
    }
}

void ControlledSupply::failAt(double askedV, double measuredV) const {
    throw Error(instrument_->name(), "measures " + inVolts(measuredV) + " where " +
                                         inVolts(askedV) + " was set; expected at most " +
                                         inVolts(plan_.toleranceV) + " between them");
}

double ControlledSupply::step(double volts) {
    instrument_->set(volts);
    askedV_ = volts;
    const Deadline deadline = Deadline::in(plan_.patience);
    for (;;) {
        std::this_thread::sleep_for(plan_.settle);
        const double measured = instrument_->measure();
        if (std::abs(measured - volts) <= plan_.toleranceV) return measured;
        if (deadline.passed()) failAt(volts, measured);
    }
}

void ControlledSupply::requireWithinLimits(double volts) const {
    if (!(volts >= plan_.lowestV && volts <= plan_.highestV)) {
        throw Error(instrument_->name(), inVolts(volts) + " is outside the limits, " +
                                             inVolts(plan_.lowestV) + " to " +
                                             inVolts(plan_.highestV));
    }
}

double ControlledSupply::moveTo(double volts) {
    requireWithinLimits(volts);
    if (watch_ != nullptr) watch_->moving(volts);
    away_ = true;
    const double distance = std::abs(volts - askedV_);
    const int steps = std::max(1, static_cast<int>(std::ceil(distance / plan_.stepV - 1e-9)));
    const double from = askedV_;
    double measured = 0;
    for (int i = 1; i <= steps; ++i) {
        measured = step(i == steps ? volts : from + (volts - from) * i / steps);
    }
    away_ = volts != plan_.nominalV;
    if (watch_ != nullptr) watch_->reached(volts, measured);
    return measured;
}

double ControlledSupply::check() {
    const double measured = instrument_->measure();
    if (std::abs(measured - askedV_) > plan_.toleranceV) failAt(askedV_, measured);
    return measured;
}

}  // namespace brownout
