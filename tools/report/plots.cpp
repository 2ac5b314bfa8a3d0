#include "tools/report/plots.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/numbers.h"
#include "emulation/tolerable_point.h"
#include "tools/report/campaign_text.h"
#include "tools/report/diagram.h"
#include "tools/report/measure_text.h"

namespace brownout {
namespace {

/// Returns what a diagram multiplies the values of a measure by.
double scaleOf(const Measure& measure) { return measure.inPercent ? 100 : 1; }

std::string axisOf(const Measure& measure) {
    return measure.name + (measure.inPercent ? ", %" : "");
}

/// One curve a network of what `x` and `y` give for its rows; rows that lack either are left out.
template <typename X, typename Y>
std::vector<Curve> curvesOf(const Summary& summary, X&& x, Y&& y) {
    std::vector<Curve> curves;
    for (std::uint32_t network = 0; network < summary.campaign.networks.size(); ++network) {
        Curve curve;
        curve.network = network;
        curve.name = summary.campaign.networks[network].name;
        for (const auto point : pointsMildestFirst(summary.campaign)) {
            const auto& row = summary.row(network, point);
            const std::optional<double> atX = x(row);
            std::optional<Sample> sample = y(row);
            if (!atX || !sample) continue;
            sample->x = *atX;
            sample->label = summary.campaign.points[point].label;
            curve.samples.push_back(*sample);
        }
        if (!curve.samples.empty()) curves.push_back(curve);
    }
    return curves;
}

/// Makes the sample of a row by one of the summary's measures.
class MeasureSample {
 public:
    MeasureSample(const Summary& summary, std::size_t measure)
        : measure_(measure), scale_(scaleOf(summary.measures[measure])) {}

    std::optional<Sample> operator()(const SummaryRow& row) const {
        const auto& value = row.values[measure_].faulty;
        if (!value) return std::nullopt;
        std::optional<Interval> interval;
        if (value->ci95) {
            interval = Interval{value->ci95->low * scale_, value->ci95->high * scale_};
        }
        return Sample{0, value->mean * scale_, interval, ""};
    }

 private:
    std::size_t measure_;
    double scale_;
};

void addCleanLevels(const Summary& summary, std::size_t measure, Diagram& diagram) {
    if (diagram.curves.size() > 4) return;  // too many lines to tell apart
    for (auto& curve : diagram.curves) {
        for (const auto& row : summary.rows) {
            if (row.network == curve.network && row.values[measure].clean) {
                curve.level = *row.values[measure].clean * scaleOf(summary.measures[measure]);
            }
        }
    }
}

/// Energies get one unit for the whole axis.
EnergyUnit energyUnitFor(const Summary& summary) {
    double largest = 0;
    for (const auto& row : summary.rows) {
        largest = std::max(largest, row.energyPerInferenceJ.value_or(0));
    }
    return energyUnitOf(largest);
}

void finishAxis(const Summary& summary, std::size_t measure, Diagram& diagram) {
    diagram.yLabel = axisOf(summary.measures[measure]);
    diagram.yLog = spansADecade(diagram);
    addCleanLevels(summary, measure, diagram);
}

std::optional<double> voltageOf(const Summary& summary, const SummaryRow& row) {
    return summary.campaign.points[row.point].voltage;
}

std::string voltageAxis(const CampaignSpec& campaign) {
    return "supply, " + voltageUnit(campaign) + ", falling to the right";
}

std::optional<double> energyOf(const SummaryRow& row, const EnergyUnit& unit) {
    if (!row.energyPerInferenceJ || *row.energyPerInferenceJ <= 0) return std::nullopt;
    return *row.energyPerInferenceJ / unit.joules;
}

std::string energyAxis(const CampaignSpec& campaign, const EnergyUnit& unit) {
    return energyName(campaign) + " per inference, " + unit.name;
}

/// Returns the beginning of names in the picture `id` of a measure.
std::string idOf(const std::string& id, std::size_t measure) {
    return measure == 0 ? id : id + std::to_string(measure);
}

/// Completes and draws a diagram of a measure against `what`.
Plot drawAgainst(const Summary& summary, std::size_t measure, Diagram diagram,
                 const std::string& id, const std::string& what) {
    const std::string& name = summary.measures[measure].name;
    finishAxis(summary, measure, diagram);
    std::string caption = "Mean over the units of replication; bars are its 95 % interval.";
    if (std::any_of(diagram.curves.begin(), diagram.curves.end(),
                    [](const Curve& curve) { return curve.level.has_value(); })) {
        caption += " Dashed: the " + name + " without faults.";
    }
    return draw(std::move(diagram), idOf(id, measure), capitalised(name) + " against " + what,
                caption);
}

std::optional<Plot> againstVoltage(const Summary& summary, std::size_t measure) {
    Diagram diagram;
    diagram.xReversed = true;
    diagram.xLabel = voltageAxis(summary.campaign);
    diagram.curves = curvesOf(
        summary, [&](const SummaryRow& row) { return voltageOf(summary, row); },
        MeasureSample(summary, measure));
    if (diagram.curves.empty()) return std::nullopt;
    return drawAgainst(summary, measure, diagram, "ev", "voltage");
}

std::optional<Plot> againstRate(const Summary& summary, std::size_t measure) {
    Diagram diagram;
    diagram.xLog = true;
    diagram.xLabel = "bit error rate asked for, %";
    const auto rateOf = [&](const SummaryRow& row) -> std::optional<double> {
        const auto& ber = summary.campaign.points[row.point].ber;
        if (!ber || *ber <= 0) return std::nullopt;  // zero has no place on a log axis
        return *ber * 100;
    };
    diagram.curves = curvesOf(summary, rateOf, MeasureSample(summary, measure));
    if (diagram.curves.empty()) return std::nullopt;
    return drawAgainst(summary, measure, diagram, "eb", "bit error rate");
}

std::optional<Plot> energyAgainstVoltage(const Summary& summary) {
    const auto unit = energyUnitFor(summary);
    Diagram diagram;
    diagram.xReversed = true;
    diagram.xLabel = voltageAxis(summary.campaign);
    diagram.yLabel = energyAxis(summary.campaign, unit);
    diagram.curves = curvesOf(
        summary, [&](const SummaryRow& row) { return voltageOf(summary, row); },
        [&](const SummaryRow& row) -> std::optional<Sample> {
            const auto energy = energyOf(row, unit);
            if (!energy) return std::nullopt;
            return Sample{0, *energy};
        });
    if (diagram.curves.empty()) return std::nullopt;
    diagram.yLog = spansADecade(diagram);
    return draw(diagram, "pv", "Energy against voltage",
                capitalised(energyMeaning(summary.campaign)));
}

std::optional<Plot> againstEnergy(const Summary& summary, std::size_t measure) {
    const auto unit = energyUnitFor(summary);
    Diagram diagram;
    diagram.xLabel = energyAxis(summary.campaign, unit);
    diagram.curves = curvesOf(
        summary, [&](const SummaryRow& row) { return energyOf(row, unit); },
        MeasureSample(summary, measure));
    if (diagram.curves.empty()) return std::nullopt;
    finishAxis(summary, measure, diagram);
    labelWhereThereIsRoom(diagram);
    return draw(diagram, idOf("ee", measure),
                capitalised(summary.measures[measure].name) + " against energy",
                std::string("What a given energy costs in accuracy: ") +
                    (summary.measures[measure].higherIsBetter ? "upper" : "lower") +
                    " left is better. Numbers beside points are supplies.");
}

}  // namespace

std::vector<Plot> drawPlots(const Summary& summary) {
    std::vector<Plot> plots;
    const auto add = [&](std::optional<Plot> plot) {
        if (plot) plots.push_back(std::move(*plot));
    };
    // Who asks for top classes wants to see them, too.
    std::vector<std::size_t> shown = {0};
    const std::string ofTop = "error_top" + std::to_string(summary.campaign.top);
    for (std::size_t measure = 1; measure < summary.measures.size(); ++measure) {
        if (summary.measures[measure].key == ofTop) shown.push_back(measure);
    }
    for (const std::size_t measure : shown) {
        add(againstVoltage(summary, measure));
        add(againstRate(summary, measure));
    }
    add(energyAgainstVoltage(summary));
    for (const std::size_t measure : shown) {
        add(againstEnergy(summary, measure));
    }
    return plots;
}

std::optional<Plot> drawRatesOfBits(const Summary& summary) {
    Diagram diagram;
    diagram.xLabel = "bit position, the most significant one on the left";
    diagram.yLabel = "BERZAD_d, %";
    diagram.xReversed = true;
    diagram.yLog = true;
    for (const Berzad& berzad : summary.berzads) {
        const NetworkSpec& network = summary.campaign.networks[berzad.network];
        if (!network.selection || !network.selection->bit || network.selection->layer) return {};
        const std::string name = wholeNameOf(network);
        if (diagram.curves.empty() || diagram.curves.back().name != name) {
            Curve curve;
            curve.network = diagram.curves.size();
            curve.name = name;
            diagram.curves.push_back(curve);
        }
        if (!berzad.berzadD) continue;
        Sample sample;
        sample.x = *network.selection->bit;
        sample.y = 100 * *berzad.berzadD;
        diagram.curves.back().samples.push_back(sample);
    }
    const auto isEmpty = [](const Curve& curve) { return curve.samples.empty(); };
    diagram.curves.erase(std::remove_if(diagram.curves.begin(), diagram.curves.end(), isEmpty),
                         diagram.curves.end());
    if (diagram.curves.empty() || diagram.curves.size() > kMarkerCount) return std::nullopt;
    return draw(
        diagram, "bb", "What each bit position stands",
        "BERZAD_d among the cells of each position when only they fail. A position without a mark "
        "fails at the lowest rate tested, one expected fault.");
}

Plot drawErrorAgainstObservedRate(
    const std::vector<std::pair<std::string, const Summary*>>& campaigns) {
    if (campaigns.empty()) return {};
    const Measure& measure = campaigns.front().second->measures.front();
    Diagram diagram;
    diagram.xLabel = "bits read wrong, %";
    diagram.yLabel = axisOf(measure);
    diagram.xLog = true;
    // Two campaigns of up to four networks: a colour a network, filled and open marks.
    const bool paired = campaigns.size() == 2 &&
                        campaigns[0].second->campaign.networks.size() <= 4 &&
                        campaigns[1].second->campaign.networks.size() <= 4;
    std::size_t place = 0;
    for (std::size_t c = 0; c < campaigns.size(); ++c) {
        for (Curve curve : curvesOf(
                 *campaigns[c].second,
                 [](const SummaryRow& row) -> std::optional<double> {
                     if (!row.berObserved || *row.berObserved <= 0) return std::nullopt;
                     return *row.berObserved * 100;
                 },
                 MeasureSample(*campaigns[c].second, 0))) {
            if (place == kMarkerCount) break;
            if (paired) curve.colour = curve.network;
            curve.network = paired ? 4 * c + curve.network : place;
            ++place;
            curve.name += ", " + campaigns[c].first;
            diagram.curves.push_back(curve);
        }
    }
    if (diagram.curves.empty()) return {};
    diagram.yLog = spansADecade(diagram);
    return draw(diagram, "eo", capitalised(measure.name) + " against the bits that were read wrong",
                "Mean over the units of replication; bars are its 95 % interval.");
}

}  // namespace brownout
