#include "model/supply_domain.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/error.h"

namespace brownout {
namespace {

constexpr double kPicosecondsPerS = 1e12;

void checkSupply(double supply) {
    if (!(std::isfinite(supply) && supply > 0)) {
        std::ostringstream text;
        text << "supply " << supply << "; expected a number above zero";
        throw Error("supply domain", text.str());
    }
}

}  // namespace

Picoseconds picosecondsIn(double seconds) {
    return static_cast<Picoseconds>(std::llround(seconds * kPicosecondsPerS));
}

SupplyDomain::SupplyDomain(double supply, const SupplySettings& settings) : settings_(settings) {
    checkSupply(supply);
    if (!(std::isfinite(settings.slewPerS) && settings.slewPerS > 0)) {
        throw Error("supply domain", "the slew rate must be above zero");
    }
    if (!(std::isfinite(settings.settlingS) && settings.settlingS >= 0)) {
        throw Error("supply domain", "the settling time must not be negative");
    }
    phases_.push_back({supply, supply, 0, 0, 0, kNever});
}

void SupplyDomain::request(double supply, Picoseconds at) {
    if (supply != 0) checkSupply(supply);
    if (at < phases_.back().start) {
        throw Error("supply domain", "a supply was requested for " + std::to_string(at) +
                                         " ps, before the last request at " +
                                         std::to_string(phases_.back().start) + " ps");
    }
    if (supply == phases_.back().to) return;
    for (const auto& listener : listeners_) listener();
    SupplyPhase next;
    next.from = supplyAt(at);
    next.to = supply;
    next.start = at;
    next.rampEnd = at + picosecondsIn(std::abs(next.to - next.from) / settings_.slewPerS);
    next.ready = next.rampEnd + picosecondsIn(settings_.settlingS);
    phases_.back().end = at;
    phases_.push_back(next);
}

std::size_t SupplyDomain::phaseAt(Picoseconds time) const {
    if (time >= phases_.back().start) return phases_.size() - 1;
    const auto after = std::upper_bound(
        phases_.begin(), phases_.end(), time,
        [](Picoseconds value, const SupplyPhase& phase) { return value < phase.start; });
    return static_cast<std::size_t>(after - phases_.begin()) - 1;
}

double SupplyDomain::supplyAt(Picoseconds time) const {
    const SupplyPhase& phase = phases_[phaseAt(time)];
    if (time >= phase.rampEnd) return phase.to;
    const double share =
        static_cast<double>(time - phase.start) / static_cast<double>(phase.rampEnd - phase.start);
    return phase.from + (phase.to - phase.from) * share;
}

Picoseconds SupplyDomain::usableFrom(Picoseconds time) const {
    for (std::size_t i = phaseAt(time); i < phases_.size(); ++i) {
        const Picoseconds usable = std::max(time, phases_[i].ready);
        if (usable < phases_[i].end) return usable;
        time = std::max(time, phases_[i].end);  // the next request came first
    }
    return time;
}

bool SupplyDomain::steadyFrom(Picoseconds time) const {
    return time >= phases_.back().start && time >= phases_.back().ready;
}

}  // namespace brownout
