#include "emulation/summary.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "emulation/adaptive_plan.h"

namespace brownout {
namespace {

/// The trials of one network at one point.
using Trials = Span<const TrialResult>;

/// Sorts the trials by key and checks that each belongs to the campaign and appears once.
void sortAndCheck(const CampaignSpec& campaign, std::vector<TrialResult>& trials) {
    std::sort(trials.begin(), trials.end(),
              [](const TrialResult& a, const TrialResult& b) { return a.key < b.key; });
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const auto& key = trials[i].key;
        if (!contains(campaign, key)) {
            throw Error("results", describe(key) + " is not part of the campaign");
        }
        if (i > 0 && trials[i - 1].key == key) {
            throw Error("results", describe(key) + " appears twice");
        }
    }
}

Trials trialsOf(const std::vector<TrialResult>& trials, std::uint32_t network,
                std::uint32_t point) {
    const auto before = [](const TrialResult& trial, const TrialKey& key) {
        return trial.key < key;
    };
    const auto begin =
        std::lower_bound(trials.begin(), trials.end(), TrialKey{network, point, 0, 0}, before);
    const auto end =
        std::lower_bound(begin, trials.end(), TrialKey{network, point + 1, 0, 0}, before);
    return Trials(trials.data() + (begin - trials.begin()), static_cast<std::size_t>(end - begin));
}

/// Returns the units of replication of some trials, which are sorted by key.
std::vector<Unit> unitsOf(Trials trials, Replication replication) {
    std::vector<Unit> units;
    for (const TrialResult& trial : trials) {
        const bool byChip = replication == Replication::kChip;
        const std::uint32_t number = byChip ? trial.key.chip : trial.key.offset;
        if (!byChip || units.empty() || units.back().number != number)
            units.push_back({number, {}});
        units.back().counts += trial.counts;
    }
    return units;
}

double share(std::uint64_t part, std::uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
}

/// Tells whether a cell can fail at a point, as far as the trials and the chips show.
bool canFail(const CampaignSpec& campaign, std::uint32_t point, const TrialCounts& sum) {
    return campaign.points[point].berExpected != 0 || sum.failingCells.value_or(1) > 0 ||
           sum.bitsWrong.value_or(1) > 0 || sum.activationFailingCells.value_or(0) > 0 ||
           sum.sumFailingCells.value_or(0) > 0;
}

std::optional<double> energyPerInference(const NetworkSpec& network, const EnergyFigures& energy) {
    if (!energy.readJ) return std::nullopt;
    if (network.writesPerInference > 0 && !energy.writeJ) return std::nullopt;
    return accessCost(network) *
           (static_cast<double>(network.readsPerInference) * *energy.readJ +
            static_cast<double>(network.writesPerInference) * energy.writeJ.value_or(0));
}

SummaryRow rowFor(const Summary& summary, Trials trials, std::uint32_t network,
                  std::uint32_t point) {
    const CampaignSpec& campaign = summary.campaign;
    SummaryRow row;
    row.values.resize(summary.measures.size());
    row.network = network;
    row.point = point;
    const auto& energy = campaign.points[point].energy;
    const NetworkSpec& spec = campaign.networks[network];
    if (!spec.energies.empty()) {
        double joules = 0;
        for (const PartEnergy& part : spec.energies.at(point)) joules += part.joules;
        row.energyPerInferenceJ = joules;
        row.energyRelative = joules / spec.nominalJ;
    } else {
        row.energyPerInferenceJ = energyPerInference(spec, energy);
    }
    if (spec.energies.empty() && energy.relative) {
        row.energyRelative = accessCost(campaign.networks[network]) * *energy.relative;
    }
    row.trials = trials.size();
    if (trials.empty()) return row;

    std::set<std::uint32_t> chips;
    for (const auto& trial : trials) {
        row.sum += trial.counts;
        chips.insert(trial.key.chip);
    }
    row.chips = chips.size();
    const std::vector<Unit> units = unitsOf(trials, summary.replication);
    row.units = units.size();
    for (std::size_t i = 0; i < summary.measures.size(); ++i) {
        row.values[i] =
            measuredValue(summary.measures[i], units, canFail(campaign, point, row.sum));
        // Where each chip sees other images, it is these that set chips apart.
        if (campaign.imagesPerTrial > 0) {
            row.values[i].fewDominate = false;
            row.values[i].worst.reset();
        }
    }
    if (row.sum.bitsRead > 0 && row.sum.bitsWrong) {
        row.berObserved = share(*row.sum.bitsWrong, row.sum.bitsRead);
    }
    if (row.sum.activationBitsRead.value_or(0) > 0 && row.sum.activationBitsWrong) {
        row.activationBer = share(*row.sum.activationBitsWrong, *row.sum.activationBitsRead);
    }
    if (row.sum.sumBitsRead.value_or(0) > 0 && row.sum.sumBitsWrong) {
        row.sumBer = share(*row.sum.sumBitsWrong, *row.sum.sumBitsRead);
    }
    return row;
}

/// Returns the sizes of the strata that the trials of a network have counted images of. The first
/// trial's are by margin, as each point's first round is; those of the other division are the same
/// as these where no trial has them, because then none was planned with them, either.
StratumSizes sizesSeen(Trials trials) {
    const auto sizesOf = [](const TrialResult& trial) {
        Allocation sizes{};
        for (std::size_t h = 0; h < kStrata; ++h) sizes[h] = trial.strata.at(h).images;
        return sizes;
    };
    StratumSizes sizes{sizesOf(trials[0]), sizesOf(trials[0])};
    for (const TrialResult& trial : trials) {
        const Allocation these = sizesOf(trial);
        if (these != sizes.margin) sizes.byClass = these;
    }
    return sizes;
}

/// Adds the precision of the rows of an adaptive campaign. Returns whether it is finished.
bool addPrecision(const std::vector<TrialResult>& trials, Summary& summary) {
    const auto points = static_cast<std::uint32_t>(summary.campaign.points.size());
    bool finished = true;
    for (std::uint32_t network = 0; network < summary.campaign.networks.size(); ++network) {
        const Trials first = trialsOf(trials, network, 0);
        const Trials last = trialsOf(trials, network, points - 1);
        const Trials all(first.data(),
                         static_cast<std::size_t>(last.data() + last.size() - first.data()));
        if (all.empty()) {
            finished = false;
            continue;
        }
        std::size_t done = 0;
        for (const auto& [point, state] :
             runPoints(summary.campaign, network, sizesSeen(all), all)) {
            done += state.next ? 0 : 1;
            summary.rows[network * points + point].precision =
                RowPrecision{state.target,    state.halfWidth,       !state.next,
                             state.reached(), state.imageInferences, state.exactInferences};
        }
        finished = finished && done == points;
    }
    return finished;
}

/// Of the trials of `of`, those that `with` has finished too: only what both have can be paired.
std::vector<TrialResult> sharedTrials(Trials of, Trials with) {
    std::vector<TrialResult> shared;
    std::size_t other = 0;
    for (const auto& trial : of) {
        const auto place = std::tie(trial.key.chip, trial.key.offset);
        while (other < with.size() &&
               std::tie(with[other].key.chip, with[other].key.offset) < place) {
            ++other;
        }
        if (other < with.size() &&
            std::tie(with[other].key.chip, with[other].key.offset) == place) {
            shared.push_back(trial);
        }
    }
    return shared;
}

std::optional<Comparison> compare(const Summary& summary, Trials a, Trials b) {
    const Measure& measure = summary.measures.front();
    const auto sharedA = sharedTrials(a, b);
    const auto sharedB = sharedTrials(b, a);
    if (sharedA.empty()) return std::nullopt;
    const std::uint32_t point = sharedA[0].key.point;
    const std::vector<Unit> unitsA = unitsOf(sharedA, summary.replication);
    const std::vector<Unit> unitsB = unitsOf(sharedB, summary.replication);
    TrialCounts sum;
    for (const Unit& unit : unitsA) sum += unit.counts;
    for (const Unit& unit : unitsB) sum += unit.counts;
    const MeasuredValue difference =
        measuredDifference(measure, unitsA, unitsB, canFail(summary.campaign, point, sum));
    if (difference.units == 0) return std::nullopt;
    Comparison comparison;
    comparison.a = sharedA[0].key.network;
    comparison.b = sharedB[0].key.network;
    comparison.point = point;
    comparison.units = difference.units;
    comparison.difference = *difference.faulty;
    comparison.fewDominate = difference.fewDominate;
    return comparison;
}

}  // namespace

const char* toString(Replication replication) {
    return replication == Replication::kChip ? "chip" : "offset";
}

const SummaryRow& Summary::row(std::uint32_t network, std::uint32_t point) const {
    return rows.at(std::size_t{network} * campaign.points.size() + point);
}

Summary summarize(const CampaignSpec& campaign, std::vector<TrialResult> trials) {
    validate(campaign);
    sortAndCheck(campaign, trials);
    Summary summary;
    summary.campaign = campaign;
    summary.measures = taskOf(campaign)->measures();
    summary.replication = campaign.chips == 1 && campaign.offsets.size() > 1 ? Replication::kOffset
                                                                             : Replication::kChip;
    summary.trials = trials.size();
    const auto networks = static_cast<std::uint32_t>(campaign.networks.size());
    const auto points = static_cast<std::uint32_t>(campaign.points.size());
    for (std::uint32_t network = 0; network < networks; ++network) {
        for (std::uint32_t point = 0; point < points; ++point) {
            summary.rows.push_back(
                rowFor(summary, trialsOf(trials, network, point), network, point));
        }
    }
    if (campaign.search) summary.berzads = berzadsOf(campaign, trials);
    if (isSearched(campaign)) {
        summary.finished = std::all_of(summary.berzads.begin(), summary.berzads.end(),
                                       [](const Berzad& berzad) { return berzad.finished; });
        return summary;
    }
    summary.finished =
        campaign.precision ? addPrecision(trials, summary) : summary.trials == trialCount(campaign);
    for (std::uint32_t a = 0; a < networks; ++a) {
        for (std::uint32_t b = a + 1; b < networks; ++b) {
            for (std::uint32_t point = 0; point < points; ++point) {
                if (const auto found =
                        compare(summary, trialsOf(trials, a, point), trialsOf(trials, b, point))) {
                    summary.comparisons.push_back(*found);
                }
            }
        }
    }
    return summary;
}

}  // namespace brownout
