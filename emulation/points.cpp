#include "emulation/points.h"

#include <algorithm>

#include "base/error.h"
#include "base/numbers.h"

namespace brownout {
namespace {

/// Measures the points whose expected rate is unknown by the mean over the chips of the campaign.
void measureByFaults(CampaignSpec& spec, ChipSource& faults) {
    const auto unknown = [](const PointSpec& point) {
        return point.berExpected && *point.berExpected < 0;
    };
    if (std::none_of(spec.points.begin(), spec.points.end(), unknown)) return;
    const double cells = static_cast<double>(faults.geometry().cells());
    for (PointSpec& point : spec.points) point.berExpected = 0;
    for (std::uint32_t chip = 0; chip < spec.chips; ++chip) {
        for (std::uint32_t p = 0; p < spec.points.size(); ++p) {
            *spec.points[p].berExpected +=
                static_cast<double>(faults.faults(chip, operatingPoint(spec, p).in(kWeightsDomain))
                                        ->failingCells()) /
                cells / spec.chips;
        }
    }
}

std::string percentOf(std::uint64_t part, std::uint64_t whole) {
    return percent(static_cast<double>(part) / static_cast<double>(whole), 2) + " %";
}

std::vector<std::string> measureByCounts(CampaignSpec& spec, const Profile& profile) {
    std::uint64_t cells = 0, measured01 = 0, measured10 = 0, unknownDirection = 0;
    for (std::uint32_t p = 0; p < spec.points.size(); ++p) {
        PointSpec& point = spec.points[p];
        const double supply = operatingPoint(spec, p).supplyOf(kWeightsDomain);
        std::uint64_t failing = 0;
        for (std::uint32_t chip = 0; chip < spec.chips; ++chip) {
            const MeasuredCells measured =
                profile.counts()->cells(chip, {supply, spec.profile->temperatureC});
            failing += measured.failing.size();
            cells += measured.cells;
            measured01 += measured.measured01;
            measured10 += measured.measured10;
            unknownDirection += measured.unknownDirection;
        }
        point.berExpected = static_cast<double>(failing) /
                            static_cast<double>(profile.device().geometry.cells()) / spec.chips;
    }
    std::vector<std::string> warnings;
    if (measured01 < cells || measured10 < cells) {
        warnings.push_back(profile.path().string() + ": of the cells at these voltages " +
                           percentOf(cells - measured01, cells) +
                           " were not measured with a 0 stored and " +
                           percentOf(cells - measured10, cells) +
                           " with a 1 stored; they are taken as not failing");
    }
    if (unknownDirection > 0) {
        warnings.push_back(profile.path().string() + ": the direction of " +
                           std::to_string(unknownDirection) +
                           " failing cells is unknown; they are taken to flip whatever is stored");
    }
    return warnings;
}

std::string labelOf(const SupplyRequest& asked) {
    if (!asked.label.empty()) return asked.label;
    return shortestNumber(asked.voltage.value) +
           (asked.voltage.unit == VoltageUnit::kVolt ? "V" : "");
}

}  // namespace

std::vector<LabelledSupply> suppliesOf(const Profile& profile,
                                       const std::vector<SupplyRequest>& asked,
                                       std::optional<double> temperatureC) {
    std::vector<LabelledSupply> supplies;
    for (const SupplyRequest& one : asked) {
        const LabelledSupply supply{labelOf(one),
                                    profile.supplies().supply(one.voltage, temperatureC)};
        // 0.6 and 0.6000000000000001 are one; the same text twice is a mistake, told later.
        const bool known = std::any_of(supplies.begin(), supplies.end(), [&](const auto& other) {
            return other.label != supply.label && sameButForNoise(other.supply, supply.supply);
        });
        if (!known) supplies.push_back(supply);
    }
    if (asked.empty()) {
        const auto& known = profile.referenceVoltages();
        for (auto v = known.rbegin(); v != known.rend(); ++v) {
            const std::string label = humanNumber(*v, 4);
            const auto sameLabel = [&](double one) { return humanNumber(one, 4) == label; };
            const bool unique = std::count_if(known.begin(), known.end(), sameLabel) == 1;
            supplies.push_back(
                {unique ? label : shortestNumber(*v),
                 profile.supplies().supply({*v, profile.device().unit}, temperatureC)});
        }
    }
    for (const LabelledSupply& supply : supplies) {
        if (profile.energy() && !profile.energy()->covers(supply.supply)) {
            throw Error(profile.path().string() + ":/energy", "has no figures at " + supply.label);
        }
    }
    return supplies;
}

double lowestOf(const std::vector<LabelledSupply>& supplies) {
    return std::min_element(
               supplies.begin(), supplies.end(),
               [](const LabelledSupply& a, const LabelledSupply& b) { return a.supply < b.supply; })
        ->supply;
}

std::vector<PointSpec> pointsAt(const Profile& profile, const std::vector<LabelledSupply>& supplies,
                                std::optional<double> temperatureC) {
    std::vector<PointSpec> points;
    for (const LabelledSupply& supply : supplies) {
        PointSpec point;
        point.label = supply.label;
        point.voltage = supply.supply;
        point.berExpected = profile.expectedRate(supply.supply, temperatureC).value_or(-1);
        if (const auto& energy = profile.energy()) {
            point.energy = {energy->readJ(supply.supply), energy->writeJ(supply.supply),
                            energy->relative(supply.supply)};
        }
        points.push_back(point);
    }
    return points;
}

std::vector<PointSpec> pointsOfDevice(const std::vector<SupplyRequest>& supplies) {
    if (supplies.empty()) {
        throw UsageError("voltages", "are missing: a device has none of its own, '0.8V:0.6V:0.05'");
    }
    std::vector<PointSpec> points;
    for (const SupplyRequest& asked : supplies) {
        PointSpec point;
        point.label = labelOf(asked);
        if (asked.voltage.unit != VoltageUnit::kVolt) {
            throw UsageError("voltages", "'" + point.label + "'; a device takes volts, '0.8V'");
        }
        point.voltage = asked.voltage.value;
        point.berExpected.reset();
        points.push_back(point);
    }
    return points;
}

std::vector<PointSpec> pointsAtRates(const std::vector<RateRequest>& rates) {
    std::vector<PointSpec> points;
    for (const RateRequest& asked : rates) {
        if (!(asked.rate >= 0 && asked.rate <= 1)) {
            throw UsageError("ber", "'" + shortestNumber(asked.rate) +
                                        "'; expected bit error rates from 0 to 1");
        }
        PointSpec point;
        point.label = asked.label.empty() ? "ber=" + shortestNumber(asked.rate) : asked.label;
        point.ber = asked.rate;
        point.berExpected = asked.rate;
        points.push_back(point);
    }
    return points;
}

std::vector<std::string> measureExpectedRates(CampaignSpec& spec, const Profile& profile,
                                              ChipSource& faults) {
    if (profile.counts()) return measureByCounts(spec, profile);
    measureByFaults(spec, faults);
    return {};
}

}  // namespace brownout
