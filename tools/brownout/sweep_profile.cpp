#include "tools/brownout/sweep_profile.h"

#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "tools/brownout/voltage.h"
#include "base/numbers.h"

namespace brownout {
namespace {

void addVoltages(const CommandLine& line, SweepSetup& setup) {
    const Profile& profile = *setup.profile;
    std::vector<VoltageArgument> voltages;
    const auto& list = line.get<std::string>("voltages");
    if (list == "profile") {
        const auto& known = profile.referenceVoltages();
        for (auto v = known.rbegin(); v != known.rend(); ++v) {
            voltages.push_back({humanNumber(*v, 4), {*v, profile.device().unit}});
        }
    } else {
        voltages = parseVoltages(list);
    }
    for (const VoltageArgument& voltage : voltages) {
        PointSpec point;
        point.label = voltage.text;
        point.voltage = profile.supply(voltage.voltage, setup.spec.profile->temperatureC);
        point.berExpected =
            profile.expectedRate(*point.voltage, setup.spec.profile->temperatureC).value_or(-1);
        if (profile.energy()) {
            if (!profile.energy()->covers(*point.voltage)) {
                throw Error(profile.path().string() + ":/energy",
                            "has no figures at " + voltage.text);
            }
            point.energy = {profile.energy()->readJ(*point.voltage),
                            profile.energy()->writeJ(*point.voltage),
                            profile.energy()->relative(*point.voltage)};
        }
        setup.spec.points.push_back(point);
    }
}

/// Expected rate of failing cells where the profile has no figure for it: the mean over the chips
/// of the campaign.
void measureExpectedRates(SweepSetup& setup) {
    const double cells = static_cast<double>(setup.faults->geometry().cells());
    const bool unknown = std::any_of(setup.spec.points.begin(), setup.spec.points.end(),
                                     [](const PointSpec& p) { return p.berExpected < 0; });
    if (!unknown) return;
    for (std::uint32_t p = 0; p < setup.spec.points.size(); ++p)
        setup.spec.points[p].berExpected = 0;
    for (std::uint32_t chip = 0; chip < setup.spec.chips; ++chip) {
        for (std::uint32_t p = 0; p < setup.spec.points.size(); ++p) {
            setup.spec.points[p].berExpected +=
                static_cast<double>(setup.faults->faultsAt(chip, p).failingCells()) / cells /
                setup.spec.chips;
        }
    }
}

std::string percentOf(std::uint64_t part, std::uint64_t whole) {
    return percent(static_cast<double>(part) / static_cast<double>(whole), 2) + " %";
}

/// The same of counts, and a warning where what the campaign uses was not fully measured.
void measureCounts(SweepSetup& setup) {
    const Profile& profile = *setup.profile;
    std::uint64_t cells = 0, measured01 = 0, measured10 = 0, unknownDirection = 0;
    for (PointSpec& point : setup.spec.points) {
        std::uint64_t failing = 0;
        for (std::uint32_t chip = 0; chip < setup.spec.chips; ++chip) {
            const MeasuredCells measured =
                profile.measuredCells(chip, {*point.voltage, setup.spec.profile->temperatureC});
            failing += measured.failing.size();
            cells += measured.cells;
            measured01 += measured.measured01;
            measured10 += measured.measured10;
            unknownDirection += measured.unknownDirection;
        }
        point.berExpected = static_cast<double>(failing) /
                            static_cast<double>(profile.device().geometry.cells()) /
                            setup.spec.chips;
    }
    if (measured01 < cells || measured10 < cells) {
        std::cerr << "warning: " << profile.path().string() << ": of the cells at these voltages "
                  << percentOf(cells - measured01, cells)
                  << " were not measured with a 0 stored and "
                  << percentOf(cells - measured10, cells)
                  << " with a 1 stored; they are taken as not failing\n";
    }
    if (unknownDirection > 0) {
        std::cerr << "warning: " << profile.path().string() << ": the direction of "
                  << unknownDirection
                  << " failing cells is unknown; they are taken to flip whatever is stored\n";
    }
}

}  // namespace

void setUpProfile(const CommandLine& line, SweepSetup& setup) {
    setup.profile = Profile::open(line.get<std::string>("profile"));
    const Profile& profile = *setup.profile;
    ProfileSpec spec;
    spec.name = profile.path().filename().string();
    spec.path = profile.path().string();
    spec.fingerprint = profile.fingerprint();
    spec.unit = nameOf(profile.device().unit);
    spec.vminV = profile.device().vminV;
    if (line.has("temperature")) {
        spec.temperatureC = parseNumber("--temperature", line.get<std::string>("temperature"));
    }
    spec.temperatureC = profile.temperature(spec.temperatureC);
    setup.spec.profile = spec;
    if (profile.energy()) setup.spec.energySource = profile.energy()->source();
    addVoltages(line, setup);

    setup.spec.chips = chipsOf(line, profile.chipCount());
    if (setup.spec.chips > profile.chipCount()) {
        throw UsageError("--chips", std::to_string(setup.spec.chips) + "; " + spec.path + " has " +
                                        std::to_string(profile.chipCount()));
    }
    std::vector<double> supplies;
    for (const PointSpec& point : setup.spec.points) supplies.push_back(*point.voltage);
    setup.faults = std::make_unique<ProfileFaults>(profile, supplies, line.common().threads + 1,
                                                   spec.temperatureC);
    if (profile.countsConditions()) {
        measureCounts(setup);
    } else {
        measureExpectedRates(setup);
    }
}

std::uint32_t chipsOf(const CommandLine& line, std::uint32_t most) {
    constexpr std::uint32_t kUsual = 10;
    return line.count("chips", kMostChips).value_or(std::min(kUsual, most));
}

}  // namespace brownout
