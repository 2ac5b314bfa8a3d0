#include "emulation/chip_evidence.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace brownout {
namespace {

constexpr double kLessonWeight = 4;  // images whose word the lesson of the point before is
/// Share of the variance of images that strata have left where margins tell nothing.
constexpr double kHardlyAlike = 0.9;
constexpr std::uint64_t kMostExact = 1ULL << 30;  // chips of an exact campaign that are counted

double meanOfAll(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

double imagesIn(const Allocation& allocation) {
    return std::accumulate(allocation.begin(), allocation.end(), 0.0);
}

ChipEvidence::ChipEvidence(const PointTask& task)
    : task_(task), all_(imagesIn(task.sizes.margin)) {}

void ChipEvidence::add(const TrialResult& trial) {
    const Division division = divisionOf(trial.strata, task_.sizes);
    units_.push_back({trial.key.chip, trial.counts});
    images_ += trial.counts.images;
    within_.push_back(varianceWithin(trial.strata));
    for (const JointStrata& joint : jointStrata(drawnOf(trial.strata))) {
        const StratumCount& count = trial.strata[joint.last];
        if (count.drawn < 2) continue;
        const double drawn = count.drawn;
        // Strata that were drawn from together are taken to be alike.
        for (std::size_t h = joint.first; h <= joint.last; ++h) {
            squares_[division][h] += drawn * (count.wrong / drawn) * (1 - count.wrong / drawn);
            freedom_[division][h] += drawn - 1;
        }
    }
    if (division != Division::kMargin) return;
    const ImageVariance variance = imageVariance(trial.strata);
    byMargin_.all += variance.all;
    byMargin_.within += variance.within;
}

bool ChipEvidence::isGuessing() const { return byMargin_.within > kHardlyAlike * byMargin_.all; }

void ChipEvidence::evaluate() {
    value_ = measuredValue(task_.measure, units_, task_.canFail);
    harm_ = 0;
    for (const Unit& unit : units_) {
        harm_ += static_cast<double>(task_.measure.harm(unit.counts)->mean()) / chips();
    }
    estimateBetween();
}

double ChipEvidence::variance() const {
    return value_.faulty->std.value_or(0) * value_.faulty->std.value_or(0);
}

std::optional<double> ChipEvidence::halfWidth() const {
    const auto& interval = value_.faulty->ci95;
    if (!interval) return std::nullopt;
    return (interval->high - interval->low) / 2;
}

// Half-width of a campaign of `chips` chips and all images.
double ChipEvidence::exactHalfWidth(std::uint64_t chips, double between) const {
    const HarmScale scale{harm_, task_.canFail ? 1 / all_ : 0, HarmSide::kUp};
    const Interval interval =
        chipInterval(mean(), std::sqrt(between), chips, scale, task_.measure.possible);
    return (interval.high - interval.low) / 2;
}

double ChipEvidence::target(double between) const {
    const double value = task_.precision.value;
    switch (task_.precision.kind) {
        case Precision::Kind::kPoints:
            return value / 100;
        case Precision::Kind::kRelative:
            return value / 100 * mean();
        case Precision::Kind::kAsChips:
            break;
    }
    return exactHalfWidth(static_cast<std::uint64_t>(value), between);
}

std::uint64_t ChipEvidence::exactInferences(double halfWidth) const {
    const auto images = static_cast<std::uint64_t>(all_);
    if (task_.precision.kind == Precision::Kind::kAsChips) {
        return images * static_cast<std::uint64_t>(task_.precision.value);
    }
    std::uint64_t low = 2, high = 2;
    while (high < kMostExact && exactHalfWidth(high, between_.value) > halfWidth)
        low = std::exchange(high, 2 * high);
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (exactHalfWidth(middle, between_.value) > halfWidth) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return images * high;
}

std::array<double, kStrata> ChipEvidence::variances(
    Division division, const std::optional<StrataLesson>& before) const {
    std::array<double, kStrata> variances{};
    for (std::size_t h = 0; h < kStrata; ++h) {
        const double prior = before ? before->variance[division][h] : 0.25;
        variances[h] = (kLessonWeight * prior + squares_[division][h]) /
                       (kLessonWeight + freedom_[division][h]);
    }
    return variances;
}

// The variance between chips is what the squared distances from the mean have beyond the variance
// within. Chips that saw more images say more about it; their weights depend on how many they saw
// alone, since bad chips have the larger variance within.
void ChipEvidence::estimateBetween() {
    double ofImage = 0;
    for (std::size_t i = 0; i < units_.size(); ++i) {
        ofImage += within_[i] * static_cast<double>(units_[i].counts.images) / chips();
    }
    const double correction = chips() / std::max(1.0, chips() - 1.0);
    double between = std::max(0.0, variance() - meanOfAll(within_));
    double weights = 1;
    for (int pass = 0; pass < 3; ++pass) {
        double sum = 0;
        weights = 0;
        for (std::size_t i = 0; i < units_.size(); ++i) {
            const auto value = static_cast<double>(task_.measure.faulty(units_[i].counts)->mean());
            const double expected =
                between + ofImage / static_cast<double>(units_[i].counts.images) + 1e-30;
            const double weight = 1 / (expected * expected);
            sum += weight * (correction * std::pow(value - mean(), 2) - within_[i]);
            weights += weight;
        }
        between = std::max(0.0, sum / weights);
    }
    between_ = {between, std::sqrt(2 / weights)};
}

}  // namespace brownout
