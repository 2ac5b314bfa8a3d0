#include "emulation/scenario/scenario_summary.h"

#include <algorithm>
#include <limits>

#include "emulation/measured_value.h"
#include "emulation/task.h"

namespace brownout {
namespace {

/// The weighted mean of a figure and its ends, added up value by value.
class SpreadOf {
 public:
    void add(double value, double weight = 1) {
        least_ = count_ == 0 ? value : std::min(least_, value);
        most_ = count_ == 0 ? value : std::max(most_, value);
        sum_ += value * weight;
        weight_ += weight;
        ++count_;
    }
    Spread spread() const { return {least_, weight_ > 0 ? sum_ / weight_ : 0, most_}; }

 private:
    double least_ = 0, most_ = 0, sum_ = 0, weight_ = 0;
    std::uint64_t count_ = 0;
};

/// Returns the counts of a reading as those of a trial.
TrialCounts trialCounts(const ScenarioResult& result, const ReadingCounts& counts) {
    TrialCounts trial;
    trial.images = result.images;
    trial.wrongClean = result.wrongClean;
    trial.wrongPerturbed = counts.wrong;
    trial.wrongEither = counts.wrongEither;
    return trial;
}

double errorOf(const ScenarioResult& result, const ReadingCounts& counts) {
    return static_cast<double>(counts.wrong) / static_cast<double>(result.images);
}

/// Returns the share of images that are right without faults and wrong with them.
double harmOf(const ScenarioResult& result, const ReadingCounts& counts) {
    return static_cast<double>(counts.wrongEither - result.wrongClean) /
           static_cast<double>(result.images);
}

constexpr double kAny = std::numeric_limits<double>::max();

IntervalSummary intervalOf(const ScenarioResult& result, std::size_t index,
                           const Measure& measure) {
    const ScenarioInterval& interval = result.intervals[index];
    IntervalSummary summary;
    SpreadOf supply;
    std::vector<Unit> units;
    const auto chips = static_cast<double>(result.chips.size());
    for (const ChipScenario& chip : result.chips) {
        const IntervalResult& now = chip.intervals[index];
        supply.add(result.supplies[now.level]);
        summary.energyJ += now.energy.totalJ() / chips;
        if (!now.counts) continue;
        units.push_back({chip.chip, trialCounts(result, *now.counts)});
        summary.worstError = std::max(summary.worstError, errorOf(result, *now.counts));
        summary.corrected += static_cast<double>(now.counts->corrected);
        summary.detected += static_cast<double>(now.counts->detected);
        summary.miscorrected += static_cast<double>(now.counts->miscorrected);
        summary.silent += static_cast<double>(now.counts->silent);
    }
    summary.supply = supply.spread();
    summary.powerW = summary.energyJ / secondsIn(interval.end - interval.start);
    summary.reading = units.size();
    if (units.empty()) return summary;
    for (double* words :
         {&summary.corrected, &summary.detected, &summary.miscorrected, &summary.silent}) {
        *words /= static_cast<double>(units.size());
    }
    summary.error = measuredValue(measure, units, true).faulty;
    return summary;
}

ChipSummary chipOf(const ScenarioResult& result, const ChipScenario& chip, double allowedError) {
    ChipSummary summary;
    summary.chip = chip.chip;
    SpreadOf supply, error, harm;
    for (std::size_t i = 0; i < chip.intervals.size(); ++i) {
        const ScenarioInterval& interval = result.intervals[i];
        const IntervalResult& now = chip.intervals[i];
        supply.add(result.supplies[now.level], secondsIn(interval.end - interval.start));
        summary.transitionS += secondsIn(std::min(now.ready, interval.end) - interval.start);
        const Level before = i > 0 ? chip.intervals[i - 1].level : interval.highest;
        summary.moves += now.level != before ? 1 : 0;
        if (!now.counts) {
            summary.missed += interval.inferences;
            continue;
        }
        const double wrong = errorOf(result, *now.counts);
        error.add(wrong, interval.inferences);
        harm.add(harmOf(result, *now.counts), interval.inferences);
        summary.inferences += interval.inferences;
        if (wrong > allowedError) {
            ++summary.intervalsBelow;
            summary.inferencesBelow += interval.inferences;
        }
    }
    summary.supply = supply.spread();
    if (summary.inferences > 0) {
        summary.error = error.spread().mean;
        summary.worstError = error.spread().most;
        summary.harm = harm.spread().mean;
    }
    summary.energy = chip.energy;
    summary.guardBandJ = chip.guardBandJ;
    if (chip.guardBandJ > 0) summary.saving = 1 - chip.energy.totalJ() / chip.guardBandJ;
    return summary;
}

}  // namespace

ScenarioSummary summarize(const ScenarioResult& result, double drop) {
    ScenarioSummary summary;
    const auto images = static_cast<double>(result.images);
    summary.cleanError = static_cast<double>(result.wrongClean) / images;
    // A hair more, so that a drop of exactly as many images is not lost to rounding.
    summary.allowedError = summary.cleanError + drop + 1e-9;
    const Measure measure = classification()->measures().front();
    for (std::size_t i = 0; i < result.intervals.size(); ++i) {
        summary.intervals.push_back(intervalOf(result, i, measure));
    }
    std::vector<double> savings, errors, energies;
    HarmScale scale{0, 1 / images, HarmSide::kUp};
    for (const ChipScenario& chip : result.chips) {
        const ChipSummary one = chipOf(result, chip, summary.allowedError);
        if (one.saving) savings.push_back(*one.saving);
        if (one.error) errors.push_back(*one.error);
        scale.harm += one.harm / static_cast<double>(result.chips.size());
        energies.push_back(one.energy.totalJ());
        if (one.intervalsBelow > 0) summary.chipsBelow.push_back(one.chip);
        summary.chips.push_back(one);
    }
    if (!savings.empty()) summary.saving = meanOf(savings, kNoSkew, {-kAny, 1});
    if (!errors.empty()) summary.error = meanOf(errors, scale, {0, 1});
    summary.energyJ = meanOf(energies, kNoSkew, {0, kAny});
    return summary;
}

}  // namespace brownout
