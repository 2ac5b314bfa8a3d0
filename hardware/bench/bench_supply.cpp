#include "hardware/bench/bench_supply.h"

#include <cmath>

namespace brownout {

void BenchSupply::moveTo(double volts, Time now) {
    from_ = at(now);
    to_ = volts;
    since_ = now;
}

void BenchSupply::set(double volts, Time now) {
    asked_ = volts;
    if (on_) moveTo(volts, now);
}

void BenchSupply::switchOutput(bool on, Time now) {
    on_ = on;
    moveTo(on ? asked_ : 0, now);
}

double BenchSupply::at(Time now) const {
    const double moved = rate_ * std::chrono::duration<double>(now - since_).count();
    if (moved >= std::abs(to_ - from_)) return to_;
    return to_ > from_ ? from_ + moved : from_ - moved;
}

}  // namespace brownout
