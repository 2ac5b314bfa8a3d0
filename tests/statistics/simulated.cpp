#include "tests/statistics/simulated.h"

#include <algorithm>
#include <cmath>

#include "model/random.h"

namespace brownout {
namespace {

TrialResult trialOf(const Outcomes& outcomes, const Strata& strata, const Round& round,
                    std::uint32_t campaign, std::uint32_t chip, std::uint32_t point) {
    RandomStream random(campaign + 1, RandomDomain::kTraffic, chip, point);
    const auto& real = outcomes.wrong[static_cast<std::size_t>(
        random.uniform() * static_cast<double>(outcomes.wrong.size()))];
    TrialResult trial{{0, point, chip, 0}, {}, {}};
    std::vector<bool> wrong;
    TrialCounts& counts = trial.counts;
    counts.wrongClean = counts.wrongPerturbed = counts.wrongEither = 0;
    for (const std::uint32_t image :
         strata.draw(round.division, round.allocation, campaign + 1, chip, point)) {
        wrong.push_back(real[image]);
        ++counts.images;
        *counts.wrongClean += outcomes.clean[image] ? 1 : 0;
        *counts.wrongPerturbed += real[image] ? 1 : 0;
        *counts.wrongEither += real[image] || outcomes.clean[image] ? 1 : 0;
    }
    trial.strata = countByStratum(strata.sizes()[round.division], round.allocation, wrong);
    addEstimates(trial.strata, counts);
    return trial;
}

CampaignSpec specOf(const std::vector<Outcomes>& network, const Precision& precision,
                    std::uint32_t mostChips) {
    CampaignSpec spec;
    NetworkSpec of;
    of.storedBits = network.front().storedBits;
    of.macsPerImage = network.front().macsPerImage;
    spec.networks = {of};
    for (const Outcomes& one : network) {
        PointSpec point;
        point.label = std::to_string(one.rate);
        point.ber = point.berExpected = one.rate;
        spec.points.push_back(point);
    }
    spec.chips = mostChips;
    spec.images = network.front().clean.size();
    spec.precision = precision;
    return spec;
}

}  // namespace

std::vector<SimulatedPoint> simulateCampaign(const std::vector<Outcomes>& network,
                                             const Precision& precision, std::uint32_t mostChips,
                                             std::uint32_t campaign) {
    const CampaignSpec spec = specOf(network, precision, mostChips);
    std::vector<SimulatedPoint> points;
    std::optional<StrataLesson> lesson;
    const Strata strata(network.front().clean, network.front().margins, network.front().classes);
    for (std::uint32_t point = 0; point < network.size(); ++point) {
        const PointTask task = pointTask(spec, 0, point, strata.sizes());
        std::vector<TrialResult> trials;
        PointState state = pointState(task, lesson, trials);
        while (state.next) {
            for (std::uint32_t chip = state.next->firstChip; chip < state.next->endChip; ++chip) {
                trials.push_back(
                    trialOf(network[point], strata, *state.next, campaign, chip, point));
            }
            state = pointState(task, lesson, trials);
        }
        lesson = state.lesson;
        std::vector<Unit> units;
        for (const TrialResult& trial : trials) units.push_back({trial.key.chip, trial.counts});
        const MeasuredValue value = measuredValue(task.measure, units, task.canFail);
        points.push_back({value.faulty->mean, *value.faulty->ci95, state});
    }
    return points;
}

Population populationOf(const Outcomes& outcomes) {
    Population population;
    std::vector<double> errors;
    const auto images = static_cast<double>(outcomes.clean.size());
    const auto chips = static_cast<double>(outcomes.wrong.size());
    for (const auto& chip : outcomes.wrong) {
        double harm = 0;
        for (std::size_t i = 0; i < chip.size(); ++i) harm += chip[i] && !outcomes.clean[i] ? 1 : 0;
        errors.push_back(static_cast<double>(std::count(chip.begin(), chip.end(), true)) / images);
        population.mean += errors.back() / chips;
        population.harm += harm / images / chips;
    }
    for (const double error : errors) {
        population.std += std::pow(error - population.mean, 2) / (chips - 1);
    }
    population.std = std::sqrt(population.std);
    return population;
}

}  // namespace brownout
