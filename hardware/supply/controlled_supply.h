#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "hardware/supply/supply_instrument.h"

namespace brownout {

/// The voltages that a supply may have, and the manner in which it moves between them.
struct SupplyPlan {
    double lowestV = 0;  ///< limits that no request passes, V
    double highestV = 0;
    double nominalV = 0;  ///< voltage at which words are written, and to which all things return
    double stepV = 0.05;  ///< largest change at once, V
    double toleranceV = 0.01;  ///< largest difference of the measured voltage from the asked one, V
    std::chrono::milliseconds settle{10};      ///< wait after each step before it is measured
    std::chrono::milliseconds patience{1000};  ///< longest wait for a step to be measured right
};

/// Checks that a plan makes sense: limits in order, nominal between them, a step, a tolerance.
/// Throws UsageError naming the option ("limits", "nominal") that is wrong.
void validate(const SupplyPlan& plan);

/// Follows what happens to a supply: a guardian (hardware/guard) or a log.
class SupplyWatch {
 public:
    virtual ~SupplyWatch() = default;
    /// Is called before the supply leaves nominal or moves further. Throws Error if it must not.
    virtual void moving(double toV) = 0;
    /// Is called when a voltage was reached and measured.
    virtual void reached(double askedV, double measuredV) = 0;
    /// Is called now and then while much is read at one voltage. Throws Error if that must end.
    virtual void working() = 0;
};

/// A supply that stays within its limits whatever is asked, moves in steps, and is measured after
/// each.
class ControlledSupply {
 public:
    /// Takes over an instrument, brings it to nominal and measures. `watch` may be null and must
    /// outlive the supply otherwise. Throws Error if nominal isn't reached.
    ControlledSupply(std::unique_ptr<SupplyInstrument> instrument, const SupplyPlan& plan,
                     SupplyWatch* watch = nullptr);

    /// Brings the supply to nominal if it is elsewhere and can be brought back.
    ~ControlledSupply();
    ControlledSupply(const ControlledSupply&) = delete;
    ControlledSupply& operator=(const ControlledSupply&) = delete;

    const SupplyPlan& plan() const { return plan_; }
    const SupplyInstrument& instrument() const { return *instrument_; }

    /// Throws Error for a voltage outside the limits.
    void requireWithinLimits(double volts) const;

    /// Moves to a voltage and returns the one that was measured there, V. Throws Error, before
    /// anything moves, for a voltage outside the limits; and if a step isn't reached.
    double moveTo(double volts);
    double moveToNominal() { return moveTo(plan_.nominalV); }

    /// Measures the voltage. Throws Error if it differs from the one that was asked for by more
    /// than the tolerance: something else has moved the supply.
    double check();

    /// Tells the watch that work at this voltage goes on. Throws Error if it must not.
    void working() {
        if (watch_ != nullptr) watch_->working();
    }

 private:
    /// Sets one step, waits and measures until it is reached.
    double step(double volts);
    [[noreturn]] void failAt(double askedV, double measuredV) const;

    std::unique_ptr<SupplyInstrument> instrument_;
    SupplyPlan plan_;
    SupplyWatch* watch_;
    double askedV_ = 0;
    bool away_ = true;  ///< the supply may be elsewhere than at nominal
};

/// Returns "0.85 V".
std::string inVolts(double volts);

}  // namespace brownout
