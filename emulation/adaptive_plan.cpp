#include "emulation/adaptive_plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "emulation/tolerable_point.h"

namespace brownout {
namespace {

constexpr std::uint32_t kFirstChips = 10;  // of the first round
constexpr double kFirstImages = 100;       // images a chip where nothing is known
constexpr double kFewestChips = 20;        // chips that a point should have rather than more images
constexpr double kLessonWeight = 10;       // images whose word the lesson of the point before is
constexpr double kProportional = 0.1;      // share of images that doesn't follow Neyman
constexpr std::uint32_t kLeastImages = 2;  // of a stratum, without which it shows no spread
constexpr std::uint64_t kMostExact = 1ULL << 30;

// Measured on the zoo's networks (docs/statistics.md): drawing a chip, laying a network out and
// keeping the trial takes as long as these multiply-accumulates of the engine, and each fault as
// these.
constexpr double kChipMacs = 17e6;
constexpr double kFaultMacs = 1200;

double imagesIn(const Allocation& allocation) {
    return std::accumulate(allocation.begin(), allocation.end(), 0.0);
}

double meanOfAll(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// An estimated variance and its standard error.
struct Variance {
    double value = 0;
    double error = 0;

    /// Returns the value, or its error where that is larger: a variance that is as good as zero may
    /// yet be as large as that, and more chips will tell.
    double likely() const { return std::max(value, error); }
};

/// What the chips of the rounds so far show.
class Evidence {
 public:
    explicit Evidence(const PointTask& task) : task_(task), all_(imagesIn(task.sizes)) {}

    void add(const TrialResult& trial) {
        units_.push_back({trial.key.chip, trial.counts});
        images_ += trial.counts.images;
        within_.push_back(varianceWithin(trial.strata));
        for (std::size_t h = 0; h < kStrata; ++h) {
            const StratumCount& count = trial.strata.at(h);
            if (count.drawn < 2) continue;
            const double drawn = count.drawn;
            squares_[h] += drawn * (count.wrong / drawn) * (1 - count.wrong / drawn);
            freedom_[h] += drawn - 1;
        }
    }

    std::uint32_t chips() const { return static_cast<std::uint32_t>(units_.size()); }
    std::uint64_t images() const { return images_; }

    /// Computes the mean, its interval and the harm.
    void evaluate() {
        value_ = measuredValue(task_.measure, units_, task_.canFail);
        harm_ = 0;
        for (const Unit& unit : units_) {
            harm_ += static_cast<double>(task_.measure.harm(unit.counts)->mean()) / chips();
        }
        estimateBetween();
    }
    double mean() const { return value_.faulty->mean; }
    double variance() const {
        return value_.faulty->std.value_or(0) * value_.faulty->std.value_or(0);
    }
    /// Returns the variance between chips, as an exact campaign would see it.
    const Variance& betweenChips() const { return between_; }
    std::optional<double> halfWidth() const {
        const auto& interval = value_.faulty->ci95;
        if (!interval) return std::nullopt;
        return (interval->high - interval->low) / 2;
    }

    /// Returns the half-width of a campaign of `chips` chips and all images, where the variance
    /// between chips is `between`.
    double exactHalfWidth(std::uint64_t chips, double between) const {
        const HarmScale scale{harm_, task_.canFail ? 1 / all_ : 0, HarmSide::kUp};
        const Interval interval =
            chipInterval(mean(), std::sqrt(between), chips, scale, task_.measure.possible);
        return (interval.high - interval.low) / 2;
    }

    /// Returns the half-width that was asked, as far as it depends on that variance.
    double target(double between) const {
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

    /// Returns the image inferences of an exact campaign with this half-width.
    std::uint64_t exactInferences(double halfWidth) const {
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

    /// Returns the variances within strata: those of the point before, corrected by what was seen.
    std::array<double, kStrata> variances(const std::optional<StrataLesson>& before) const {
        std::array<double, kStrata> variances{};
        for (std::size_t h = 0; h < kStrata; ++h) {
            const double prior = before ? before->variance[h] : 0.25;
            variances[h] = (kLessonWeight * prior + squares_[h]) / (kLessonWeight + freedom_[h]);
        }
        return variances;
    }

 private:
    /// Estimates the variance between chips: what the squared distances from the mean have beyond
    /// the variance within. Chips that saw more images say more about it; their weights depend on
    /// how many they saw alone, since bad chips have the larger variance within.
    void estimateBetween() {
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
                const auto value =
                    static_cast<double>(task_.measure.faulty(units_[i].counts)->mean());
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

    const PointTask& task_;
    double all_;
    std::vector<Unit> units_;
    std::uint64_t images_ = 0;
    std::vector<double> within_;  ///< variance within each chip
    Variance between_;
    double harm_ = 0;
    std::array<double, kStrata> squares_{};
    std::array<double, kStrata> freedom_{};
    MeasuredValue value_;
};

/// Returns the variance of an image, v, where its images go to the strata as allocated: that of a
/// chip's estimate is v (1 / n - 1 / N).
double varianceOfImage(const Allocation& sizes, const Allocation& allocation,
                       const std::array<double, kStrata>& variance) {
    const double all = imagesIn(sizes);
    double within = 0;
    for (std::size_t h = 0; h < kStrata; ++h) {
        if (allocation[h] == 0) continue;
        within += std::pow(sizes[h], 2) * variance[h] / allocation[h];
    }
    return within / (all * all) * imagesIn(allocation);
}

struct Effort {
    double images = 0;  ///< images a chip
    double chips = 0;
};

/// Returns the effort that gives the mean the variance `wanted` at the least cost, for the variance
/// `between` chips and that of an image.
Effort cheapest(const PointTask& task, const Variance& betweenChips, double image, double wanted) {
    const double between = betweenChips.value;
    const double all = imagesIn(task.sizes);
    const auto chipsFor = [&](double images) {
        return (between + image * std::max(0.0, 1 / images - 1 / all)) / wanted;
    };
    /// Images a chip at which `chips` chips suffice; all where no number does.
    const auto imagesFor = [&](double chips) {
        const double within = (chips * wanted - between) / image + 1 / all;
        return within > 0 ? 1 / within : all;
    };
    double images = std::sqrt(task.chipCost * image / betweenChips.likely());
    if (chipsFor(images) < kFewestChips) images = std::min(images, imagesFor(kFewestChips));
    // More images make up for chips that there aren't, unless no number of them does.
    if (chipsFor(images) > task.mostChips && chipsFor(all) <= task.mostChips) {
        images = std::max(images, imagesFor(task.mostChips));
    }
    images = std::clamp(images, std::min(all, double{kStrata} * kLeastImages), all);
    return {images, chipsFor(images)};
}

}  // namespace

Allocation allocate(const Allocation& sizes, const std::array<double, kStrata>& variance,
                    double images) {
    const double all = imagesIn(sizes);
    std::array<double, kStrata> weight{};
    double sum = 0;
    for (std::size_t h = 0; h < kStrata; ++h) sum += sizes[h] * std::sqrt(variance[h]);
    for (std::size_t h = 0; h < kStrata; ++h) {
        const double share = sizes[h] / all;
        const double neyman = sum > 0 ? sizes[h] * std::sqrt(variance[h]) / sum : share;
        weight[h] = (1 - kProportional) * neyman + kProportional * share;
    }
    // What small strata can't take goes to the others.
    Allocation allocation{};
    std::array<bool, kStrata> full{};
    double left = images;
    double weights = 1;
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t h = 0; h < kStrata; ++h) {
            if (full[h] || left * weight[h] / weights < sizes[h]) continue;
            full[h] = changed = true;
            allocation[h] = sizes[h];
            left -= sizes[h];
            weights -= weight[h];
            if (weights <= 0) weights = 1;
        }
    }
    for (std::size_t h = 0; h < kStrata; ++h) {
        if (full[h]) continue;
        const double share = std::max(0.0, left * weight[h] / weights);
        allocation[h] = std::min(
            sizes[h], std::max(kLeastImages, static_cast<std::uint32_t>(std::lround(share))));
    }
    return allocation;
}

PointTask pointTask(const CampaignSpec& campaign, std::uint32_t network, std::uint32_t point,
                    const Allocation& sizes) {
    const NetworkSpec& of = campaign.networks[network];
    const double rate = std::max(0.0, campaign.points[point].berExpected);
    const double faults = rate * static_cast<double>(of.storedBits);
    const double macs = std::max(1.0, static_cast<double>(of.macsPerImage));
    PointTask task;
    task.precision = campaign.precision.value();
    task.measure = taskOf(campaign)->measures().front();
    task.sizes = sizes;
    task.mostChips = campaign.chips;
    task.chipCost = (kChipMacs + kFaultMacs * faults) / macs;
    task.canFail = rate > 0;
    return task;
}

PointState pointState(const PointTask& task, const std::optional<StrataLesson>& before,
                      Span<const TrialResult> trials) {
    Evidence evidence(task);
    PointState state;
    state.lesson = before.value_or(StrataLesson{});
    const double first = before && before->imagesPerChip > 0 ? before->imagesPerChip : kFirstImages;
    Round round{0, std::min(kFirstChips, task.mostChips),
                allocate(task.sizes, evidence.variances(before), first)};
    for (std::size_t done = 0;;) {
        state.next = round;
        for (; done < trials.size() && trials[done].key.chip < round.endChip; ++done) {
            if (trials[done].key.chip != evidence.chips()) return state;
            evidence.add(trials[done]);
        }
        if (evidence.chips() < round.endChip) return state;

        evidence.evaluate();
        state.chips = evidence.chips();
        state.imageInferences = evidence.images();
        const Variance between = evidence.betweenChips();
        state.target = evidence.target(between.value);
        state.halfWidth = evidence.halfWidth();
        const auto variances = evidence.variances(before);
        state.lesson = {variances, static_cast<std::uint32_t>(imagesIn(round.allocation))};
        state.exactInferences =
            evidence.exactInferences(std::max(*state.target, state.halfWidth.value_or(0)));
        const bool dear = task.precision.kind == Precision::Kind::kAsChips &&
                          state.imageInferences >= state.exactInferences;
        if (state.reached() || evidence.chips() >= task.mostChips || dear) {
            state.next.reset();
            return state;
        }

        const double ratio = evidence.target(between.likely()) / state.halfWidth.value_or(HUGE_VAL);
        // Where nothing is seen, only the number of images counts, whoever sees them.
        Effort effort{imagesIn(round.allocation), evidence.chips() / ratio};
        if (const double variance = evidence.variance(); variance > 0) {
            const double wanted = variance / evidence.chips() * ratio * ratio;
            const double image = varianceOfImage(task.sizes, round.allocation, variances);
            effort = cheapest(task, between, image, wanted);
        }
        const double most = 2.0 * evidence.chips();
        const double least = evidence.chips() + std::max(4.0, evidence.chips() / 8.0);
        const double chips =
            std::min<double>(task.mostChips, std::clamp(effort.chips, least, most));
        round = {evidence.chips(), static_cast<std::uint32_t>(std::lround(chips)),
                 allocate(task.sizes, variances, effort.images)};
    }
}

std::vector<RunPoint> runPoints(const CampaignSpec& campaign, std::uint32_t network,
                                const Allocation& sizes, Span<const TrialResult> trials) {
    std::vector<std::uint32_t> order = pointsMildestFirst(campaign);
    std::reverse(order.begin(), order.end());
    std::vector<RunPoint> run;
    std::optional<StrataLesson> lesson;
    for (const std::uint32_t point : order) {
        const auto isBefore = [](const TrialResult& trial, std::uint32_t at) {
            return trial.key.point < at;
        };
        const auto begin = std::lower_bound(trials.begin(), trials.end(), point, isBefore);
        const auto end = std::lower_bound(begin, trials.end(), point + 1, isBefore);
        const Span<const TrialResult> of(trials.data() + (begin - trials.begin()),
                                         static_cast<std::size_t>(end - begin));
        run.push_back({point, pointState(pointTask(campaign, network, point, sizes), lesson, of)});
        if (run.back().state.next) break;
        lesson = run.back().state.lesson;
    }
    return run;
}

}  // namespace brownout
