#include "model/supply_leakage.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace brownout {
namespace {

/// Returns the mean of a power that goes exponentially from a to b.
double meanPower(double a, double b) {
    const double ratio = std::log(b / a);
    return std::abs(ratio) < 1e-9 ? (a + b) / 2 : (b - a) / ratio;
}

/// Returns the energy of a linear ramp between two supplies, cut at the points of the table.
double rampJ(const EnergyModel& model, double from, double to, double seconds) {
    if (from == to) return *model.leakageW(from) * seconds;
    const double low = std::min(from, to);
    const double high = std::max(from, to);
    std::vector<double> cuts{low};
    for (const EnergyPoint& point : model.points()) {
        if (point.supply > low && point.supply < high) cuts.push_back(point.supply);
    }
    cuts.push_back(high);
    double energy = 0;
    for (std::size_t i = 1; i < cuts.size(); ++i) {
        const double share = (cuts[i] - cuts[i - 1]) / (high - low);
        energy +=
            seconds * share * meanPower(*model.leakageW(cuts[i - 1]), *model.leakageW(cuts[i]));
    }
    return energy;
}

/// Returns the energy between two times of one phase, which may cover the end of its ramp.
double phaseJ(const EnergyModel& model, const SupplyDomain& domain, const SupplyPhase& phase,
              Picoseconds from, Picoseconds to) {
    double energy = 0;
    if (from < phase.rampEnd) {
        const Picoseconds end = std::min(to, phase.rampEnd);
        const double last = end == phase.rampEnd ? phase.to : domain.supplyAt(end);
        energy += rampJ(model, domain.supplyAt(from), last, secondsIn(end - from));
        from = end;
    }
    if (from < to) energy += *model.leakageW(phase.to) * secondsIn(to - from);
    return energy;
}

}  // namespace

std::optional<double> leakageJ(const EnergyModel& model, const SupplyDomain& domain,
                               Picoseconds from, Picoseconds to) {
    if (!model.points().front().leakageW) return std::nullopt;
    double energy = 0;
    for (std::size_t i = domain.phaseAt(from); i < domain.phases(); ++i) {
        const SupplyPhase& phase = domain.phase(i);
        const Picoseconds first = std::max(from, phase.start);
        const Picoseconds last = std::min(to, phase.end);
        if (first >= to) break;
        if (first < last) energy += phaseJ(model, domain, phase, first, last);
    }
    return energy;
}

}  // namespace brownout
