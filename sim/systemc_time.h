#pragma once

#include <systemc>

#include "model/supply_domain.h"

namespace brownout {

/// Returns whether the simulation counts in picoseconds, as it does unless a program sets another
/// resolution before the first sc_time is made.
inline bool countsPicoseconds() {
    static const bool does =
        sc_core::sc_get_time_resolution() == sc_core::sc_time(1, sc_core::SC_PS);
    return does;
}

/// Returns SystemC's time as Brownout counts it.
inline Picoseconds picosecondsOf(const sc_core::sc_time& time) {
    return countsPicoseconds() ? time.value()
                               : static_cast<Picoseconds>(time.to_seconds() * 1e12 + 0.5);
}

inline sc_core::sc_time systemcTime(Picoseconds time) {
    return countsPicoseconds() ? sc_core::sc_time::from_value(time)
                               : sc_core::sc_time(static_cast<double>(time), sc_core::SC_PS);
}

}  // namespace brownout
