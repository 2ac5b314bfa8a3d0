#include "emulation/scenario/scenario_plan.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/numbers.h"

namespace brownout {
namespace {

constexpr double kMostIntervals = 1e6;

/// Returns the ends of the supplies that a profile knows about at a temperature.
Interval knownAt(const Profile& profile, std::optional<double> temperatureC) {
    const SupplyRange& supplies = profile.supplies();
    const double shift = supplies.shiftAt(temperatureC);
    return {supplies.lowest() + shift, supplies.highest() + shift};
}

/// Returns the supply that is allowed in a row.
double ceilingOf(const ScenarioRequest& request, const TraceRow& row) {
    const Profile& profile = *request.memory.profile;
    std::optional<Voltage> asked = row.supply ? row.supply : request.guardBand;
    if (!asked) {
        const double usual =
            profile.energy() ? profile.energy()->reference() : profile.supplies().highest();
        asked = Voltage{usual, profile.device().unit};
    }
    Device device = profile.device();
    if (request.vminV) device.vminV = request.vminV;
    double supply = 0;
    try {
        supply = voltageIn(device.unit, device, *asked);
    } catch (const Error& error) {
        throw Error(profile.path().string(), error.what());
    }
    const std::string place = row.supply ? request.trace.place : std::string("guard band");
    const double lowest = knownAt(profile, row.temperatureC).low;
    if (supply < lowest) {
        throw Error(place, "supply " + shortestNumber(supply) + "; " + profile.path().string() +
                               " knows of supplies from " + shortestNumber(lowest) + " " +
                               nameOf(device.unit));
    }
    if (profile.energy() && !profile.energy()->covers(supply)) {
        throw Error(place, "supply " + shortestNumber(supply) + " is outside the energy table of " +
                               profile.path().string() + ", " +
                               shortestNumber(profile.energy()->points().front().supply) + " to " +
                               shortestNumber(profile.energy()->points().back().supply) + " " +
                               nameOf(device.unit));
    }
    return supply;
}

SupplyGrid gridOf(const ScenarioRequest& request, double highest) {
    const Profile& profile = *request.memory.profile;
    double lowest = highest;
    for (const TraceRow& row : request.trace.rows) {
        lowest = std::min(lowest, knownAt(profile, row.temperatureC).low);
    }
    if (profile.energy()) lowest = std::max(lowest, profile.energy()->points().front().supply);
    if (profile.counts() == nullptr) {
        return SupplyGrid::multiplesOf(request.regulator.step, lowest, highest);
    }
    std::vector<double> measured;
    for (const double supply : profile.counts()->conditions().voltages) {
        if (supply >= lowest && supply <= highest) measured.push_back(supply);
    }
    return SupplyGrid(std::move(measured));
}

/// Returns the highest level that is at most `ceiling`. Throws UsageError if it is below `lowest`.
Level highestIn(const ScenarioPlan& plan, Level lowest, double ceiling) {
    const bool below = plan.grid[0] > ceiling && !sameButForNoise(plan.grid[0], ceiling);
    if (!below && plan.grid.atMost(ceiling) >= lowest) return plan.grid.atMost(ceiling);
    throw UsageError("step",
                     "the regulator has no supply between the lowest that the profile "
                     "knows about and " +
                         shortestNumber(ceiling) + ", which is allowed; expected smaller steps");
}

/// Passes questions on, none of them outside what the profile knows.
class CappedChips final : public ChipSource {
 public:
    CappedChips(Profile profile, std::shared_ptr<ChipSource> chips)
        : profile_(std::move(profile)), chips_(std::move(chips)) {}

    const SramGeometry& geometry() const override { return chips_->geometry(); }
    std::shared_ptr<const FaultOverlay> faults(std::uint32_t chip,
                                               const OperatingPoint& at) override {
        const Interval range = knownAt(profile_, at.temperatureC);
        OperatingPoint known = at;
        known.supply = std::min(at.supply, range.high);
        // A multiple of the step that is meant to be the lowest supply may be a hair below it.
        if (sameButForNoise(at.supply, range.low)) known.supply = std::max(at.supply, range.low);
        return chips_->faults(chip, known);
    }

 private:
    Profile profile_;
    std::shared_ptr<ChipSource> chips_;
};

}  // namespace

Level ScenarioPlan::lowestAt(const Profile& profile, std::optional<double> temperatureC) const {
    return grid.atLeast(knownAt(profile, temperatureC).low);
}

ScenarioPlan planOf(const ScenarioRequest& request) {
    const Profile& profile = *request.memory.profile;
    if (!(std::isfinite(request.intervalS) && request.intervalS >= 1e-9)) {
        throw UsageError("interval", "'" + shortestNumber(request.intervalS) +
                                         "'; expected seconds, at least 1e-9");
    }
    std::vector<double> ceilings;
    double count = 0;
    for (const TraceRow& row : request.trace.rows) {
        ceilings.push_back(ceilingOf(request, row));
        count += std::ceil((row.endS - row.startS) / request.intervalS);
    }
    if (count > kMostIntervals) {
        throw UsageError("interval", "'" + shortestNumber(request.intervalS) +
                                         "'; expected longer ones: the trace would have more than "
                                         "a million");
    }
    ScenarioPlan plan{gridOf(request, *std::max_element(ceilings.begin(), ceilings.end())), {}};
    for (std::size_t r = 0; r < request.trace.rows.size(); ++r) {
        const TraceRow& row = request.trace.rows[r];
        ScenarioInterval interval;
        interval.temperatureC = profile.supplies().temperature(row.temperatureC);
        interval.load = row.load;
        interval.lowest = plan.lowestAt(profile, interval.temperatureC);
        interval.highest = highestIn(plan, interval.lowest, ceilings[r]);
        const Picoseconds end = picosecondsIn(row.endS);
        const double duration = row.endS - row.startS;
        const double whole = duration / request.intervalS;
        const auto pieces = static_cast<std::uint64_t>(
            sameButForNoise(whole, std::round(whole)) ? std::round(whole) : std::ceil(whole));
        for (std::uint64_t i = 0; i < std::max<std::uint64_t>(pieces, 1); ++i) {
            interval.start = picosecondsIn(row.startS + static_cast<double>(i) * request.intervalS);
            interval.end =
                i + 1 >= pieces
                    ? end
                    : picosecondsIn(row.startS + static_cast<double>(i + 1) * request.intervalS);
            interval.inferences = row.inferencesPerS() * secondsIn(interval.end - interval.start);
            plan.intervals.push_back(interval);
        }
    }
    return plan;
}

std::shared_ptr<ChipSource> cappedChips(const Profile& profile, std::shared_ptr<ChipSource> chips) {
    return std::make_shared<CappedChips>(profile, std::move(chips));
}

}  // namespace brownout
