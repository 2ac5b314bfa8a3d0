#pragma once

#include <chrono>

namespace brownout {

/// The output of a laboratory supply that plays its part: moves from one voltage to the next at a
/// finite rate, and can be switched off. Times are given by the caller and never go back.
class BenchSupply {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// Makes a supply that is switched on at `volts` and moves by `voltsPerSecond`.
    BenchSupply(double volts, double voltsPerSecond)
        : from_(volts), to_(volts), asked_(volts), rate_(voltsPerSecond) {}

    /// Makes the output move to `volts` from where it is at `now`.
    void set(double volts, Time now);
    /// Switches the output on or off, which takes as long as a change of the voltage.
    void switchOutput(bool on, Time now);

    /// Returns the voltage that was set last.
    double asked() const { return asked_; }
    bool isOn() const { return on_; }
    /// Returns the voltage at the output.
    double at(Time now) const;

 private:
    void moveTo(double volts, Time now);

    double from_;
    double to_;
    double asked_;
    double rate_;
    Time since_{};
    bool on_ = true;
};

}  // namespace brownout
