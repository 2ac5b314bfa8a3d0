#include "sim/energy_ledger.h"

#include <algorithm>

#include "model/supply_leakage.h"

namespace brownout {

std::vector<SupplyInterval> EnergyLedger::intervals(Picoseconds now) const {
    std::vector<SupplyInterval> intervals;
    for (std::size_t i = 0; i < domain_.phases(); ++i) {
        const SupplyPhase& phase = domain_.phase(i);
        const Counts counts = i < counts_.size() ? counts_[i] : Counts{};
        if (phase.start > now && counts.reads + counts.writes == 0) break;
        SupplyInterval interval;
        interval.supply = phase.to;
        interval.start = phase.start;
        interval.end = std::max(phase.start, std::min(now, phase.end));
        interval.reads = counts.reads;
        interval.writes = counts.writes;
        interval.corrected = counts.corrected;
        interval.detected = counts.detected;
        if (settings_.model) {
            const EnergyModel& model = *settings_.model;
            interval.dynamicJ = settings_.accessFactor *
                                (static_cast<double>(counts.reads) * model.readJ(phase.to) +
                                 static_cast<double>(counts.writes) * model.writeJ(phase.to));
            if (const auto one = leakageJ(model, domain_, interval.start, interval.end)) {
                interval.leakageJ = settings_.arrays * *one;
            }
        }
        intervals.push_back(interval);
    }
    return intervals;
}

SupplyInterval EnergyLedger::total(Picoseconds now) const {
    SupplyInterval sum;
    sum.end = now;
    for (const SupplyInterval& interval : intervals(now)) {
        sum.supply = interval.supply;
        sum.reads += interval.reads;
        sum.writes += interval.writes;
        sum.corrected += interval.corrected;
        sum.detected += interval.detected;
        if (interval.dynamicJ) sum.dynamicJ = sum.dynamicJ.value_or(0) + *interval.dynamicJ;
        if (interval.leakageJ) sum.leakageJ = sum.leakageJ.value_or(0) + *interval.leakageJ;
    }
    return sum;
}

std::vector<Statistic> EnergyLedger::statistics(Picoseconds now) const {
    const SupplyInterval sum = total(now);
    const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
    std::vector<Statistic> statistics{
        {"supplies", "supplies asked for so far", "", static_cast<double>(intervals(now).size())},
        {"reads", "words read", "words", number(sum.reads)},
        {"writes", "words written", "words", number(sum.writes)},
        {"corrected", "words read in which the protection corrected an error", "words",
         number(sum.corrected)},
        {"detected", "words read in which the protection saw an error it can't correct", "words",
         number(sum.detected)},
        {"time", "simulated time", "s", secondsIn(now)}};
    if (sum.dynamicJ) {
        statistics.push_back({"energy_dynamic", "energy of all accesses", "J", *sum.dynamicJ});
    }
    if (sum.leakageJ) {
        statistics.push_back({"energy_leakage", "energy leaked by all arrays", "J", *sum.leakageJ});
    }
    return statistics;
}

}  // namespace brownout
