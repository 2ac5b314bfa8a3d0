#include "emulation/summary.h"

#include <algorithm>
#include <set>

#include "base/error.h"

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

/// One count for each unit of replication, from trials sorted by key. `wrong` is a member of
/// TrialCounts that all trials have.
template <typename Member>
std::vector<WrongCount> unitsOf(Trials trials, Replication replication, Member wrong) {
    std::vector<WrongCount> units;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        const bool sameUnit = replication == Replication::kChip && i > 0 &&
                              trials[i].key.chip == trials[i - 1].key.chip;
        if (!sameUnit) units.emplace_back();
        units.back().wrong += std::optional(trials[i].counts.*wrong).value();
        units.back().images += trials[i].counts.images;
    }
    return units;
}

std::optional<double> energyPerInference(const NetworkSpec& network, const EnergyFigures& energy) {
    if (!energy.readJ) return std::nullopt;
    if (network.writesPerInference > 0 && !energy.writeJ) return std::nullopt;
    return accessCost(network) *
           (static_cast<double>(network.readsPerInference) * *energy.readJ +
            static_cast<double>(network.writesPerInference) * energy.writeJ.value_or(0));
}

double share(std::uint64_t part, std::uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
}

SummaryRow rowFor(const CampaignSpec& campaign, Replication replication, Trials trials,
                  std::uint32_t network, std::uint32_t point) {
    SummaryRow row;
    row.network = network;
    row.point = point;
    const auto& energy = campaign.points[point].energy;
    row.energyPerInferenceJ = energyPerInference(campaign.networks[network], energy);
    if (energy.relative) {
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
    const auto perturbed = unitsOf(trials, replication, &TrialCounts::wrongPerturbed);
    row.units = perturbed.size();
    row.error = meanError(perturbed);
    row.robustError = meanError(unitsOf(trials, replication, &TrialCounts::wrongEither));
    row.cleanError = share(row.sum.wrongClean, row.sum.images);
    if (row.sum.wrongCleanTop) {
        row.cleanErrorTop = share(*row.sum.wrongCleanTop, row.sum.images);
        row.errorTop = meanError(unitsOf(trials, replication, &TrialCounts::wrongPerturbedTop));
        row.robustErrorTop = meanError(unitsOf(trials, replication, &TrialCounts::wrongEitherTop));
    }
    if (row.sum.bitsRead > 0 && row.sum.bitsWrong) {
        row.berObserved = share(*row.sum.bitsWrong, row.sum.bitsRead);
    }
    return row;
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

std::optional<Comparison> compare(Replication replication, Trials a, Trials b) {
    const auto sharedA = sharedTrials(a, b);
    const auto sharedB = sharedTrials(b, a);
    if (sharedA.empty()) return std::nullopt;
    const auto unitsA = unitsOf(sharedA, replication, &TrialCounts::wrongPerturbed);
    const auto unitsB = unitsOf(sharedB, replication, &TrialCounts::wrongPerturbed);
    Comparison comparison;
    comparison.a = sharedA[0].key.network;
    comparison.b = sharedB[0].key.network;
    comparison.point = sharedA[0].key.point;
    comparison.units = unitsA.size();
    comparison.difference = meanPairedDifference(unitsA, unitsB);
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
    summary.replication = campaign.chips == 1 && campaign.offsets.size() > 1 ? Replication::kOffset
                                                                             : Replication::kChip;
    summary.trials = trials.size();
    const auto networks = static_cast<std::uint32_t>(campaign.networks.size());
    const auto points = static_cast<std::uint32_t>(campaign.points.size());
    for (std::uint32_t network = 0; network < networks; ++network) {
        for (std::uint32_t point = 0; point < points; ++point) {
            summary.rows.push_back(rowFor(campaign, summary.replication,
                                          trialsOf(trials, network, point), network, point));
        }
    }
    for (std::uint32_t a = 0; a < networks; ++a) {
        for (std::uint32_t b = a + 1; b < networks; ++b) {
            for (std::uint32_t point = 0; point < points; ++point) {
                if (const auto found = compare(summary.replication, trialsOf(trials, a, point),
                                               trialsOf(trials, b, point))) {
                    summary.comparisons.push_back(*found);
                }
            }
        }
    }
    return summary;
}

}  // namespace brownout
