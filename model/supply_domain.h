#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace brownout {

/// Simulated time, counted from the start of the simulation.
using Picoseconds = std::uint64_t;
constexpr Picoseconds kNever = ~Picoseconds{0};

/// Returns a time in seconds, which must not be negative, as the nearest number of picoseconds.
Picoseconds picosecondsIn(double seconds);
/// Returns a number of picoseconds in seconds.
inline double secondsIn(Picoseconds time) { return static_cast<double>(time) * 1e-12; }

/// The way a regulator moves its supply.
struct SupplySettings {
    double slewPerS = 1e4;    ///< volts (or multiples of Vmin, the unit of the profile) a second
    double settlingS = 1e-6;  ///< time from the end of the ramp until accesses may be made
};

/// One supply of a domain: the ramp that leads to it, and the time it is held.
struct SupplyPhase {
    double from = 0;           ///< supply when the phase was requested
    double to = 0;             ///< supply after the ramp
    Picoseconds start = 0;     ///< time of the request
    Picoseconds rampEnd = 0;   ///< time at which `to` is reached
    Picoseconds ready = 0;     ///< time from which the supply is settled and accesses may be made
    Picoseconds end = kNever;  ///< time of the next request
};

/// A supply over simulated time: a request starts a linear ramp at the slew rate, then the supply
/// settles. While it ramps and settles, nothing may access what it feeds: a reader waits.
///
/// Plain data over time, no kernel: time is an argument, and may be asked for in any order, since
/// initiators that are decoupled in time run ahead of each other. Several memories may hang on one
/// domain. Voltages are in the unit of the profile.
class SupplyDomain {
 public:
    /// Starts settled at `supply`. Throws Error unless supply and slew rate are positive and the
    /// settling time isn't negative.
    explicit SupplyDomain(double supply, const SupplySettings& settings = {});

    /// Asks for another supply from `at` on, which may lie in the future but not before the last
    /// request. A request in the middle of a ramp starts from the supply reached there. Asking for
    /// the supply that was asked for last changes nothing. Throws Error if `supply` is
    /// negative or `at` not in order.
    void request(double supply, Picoseconds at);

    /// Calls `listener` at every request that changes something, before it does.
    void onRequest(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }

    double supplyAt(Picoseconds time) const;
    /// Returns the index of the phase that `time` falls in. O(1) for the last phases, else O(log
    /// n).
    std::size_t phaseAt(Picoseconds time) const;
    const SupplyPhase& phase(std::size_t index) const { return phases_[index]; }
    std::size_t phases() const { return phases_.size(); }

    /// Returns the earliest time from `time` on at which an access may be made, as far as requests
    /// are known.
    Picoseconds usableFrom(Picoseconds time) const;
    /// Returns whether the supply is settled at `time` and no later request is known.
    bool steadyFrom(Picoseconds time) const;

 private:
    SupplySettings settings_;
    std::vector<SupplyPhase> phases_;
    std::vector<std::function<void()>> listeners_;
};

}  // namespace brownout
