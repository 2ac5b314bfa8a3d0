#include "emulation/adaptive_plan.h"

#include <algorithm>
#include <cmath>

#include "emulation/chip_evidence.h"
#include "emulation/tolerable_point.h"

namespace brownout {
namespace {

constexpr std::uint32_t kFirstChips = 10;  // of the first round
constexpr double kFirstImages = 100;       // images a chip where nothing is known
constexpr double kFewestChips = 20;        // chips that a point should have rather than more images
constexpr double kProportional = 0.1;      // share of images that doesn't follow Neyman
constexpr std::uint32_t kLeastImages = 2;  // of a stratum, without which it shows no spread
constexpr double kFewestImages = 16;       // of a chip
/// Largest ratio r of the variance that images add to the variance between chips, where the latter
/// tells how narrow an interval has to be: its estimate from C chips is off by sqrt(2 / C) (1 + r).
constexpr double kMostNoise = 4;

// Measured on the zoo's networks (docs/statistics.md): drawing a chip, laying a network out and
// keeping the trial takes as long as these multiply-accumulates of the engine, and each fault as
// these.
constexpr double kChipMacs = 17e6;
constexpr double kFaultMacs = 1200;

/// Returns the variance of an image, v, where its images go to the strata as allocated: that of a
/// chip's estimate is v (1 / n - 1 / N).
double varianceOfImage(const Allocation& sizes, const Allocation& allocation,
                       const std::array<double, kStrata>& variance) {
    const double all = imagesIn(sizes);
    double within = 0;
    for (const JointStrata& joint : jointStrata(allocation)) {
        if (allocation[joint.last] == 0) continue;
        double images = 0;
        double sum = 0;
        for (std::size_t h = joint.first; h <= joint.last; ++h) {
            images += sizes[h];
            sum += sizes[h] * variance[h];
        }
        within += images * sum / allocation[joint.last];
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
    const double all = imagesIn(task.sizes.margin);
    const auto chipsFor = [&](double images) {
        return (between + image * std::max(0.0, 1 / images - 1 / all)) / wanted;
    };
    /// Images a chip at which `chips` chips suffice; all where no number does.
    const auto imagesFor = [&](double chips) {
        const double within = (chips * wanted - between) / image + 1 / all;
        return within > 0 ? 1 / within : all;
    };
    double images = std::sqrt(task.chipCost * image / betweenChips.likely());
    if (task.precision.kind == Precision::Kind::kAsChips) {
        images = std::max(images, image / (kMostNoise * betweenChips.likely()));
    }
    if (chipsFor(images) < kFewestChips) images = std::min(images, imagesFor(kFewestChips));
    // More images make up for chips that there aren't, unless no number of them does.
    if (chipsFor(images) > task.mostChips && chipsFor(all) <= task.mostChips) {
        images = std::max(images, imagesFor(task.mostChips));
    }
    images = std::clamp(images, std::min(all, kFewestImages), all);
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
    // Images that a small stratum doesn't have are shared among the others.
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
    // Neighbours whose shares are less than it takes to show a spread are drawn from together.
    double share = 0;
    for (std::size_t h = 0; h < kStrata; ++h) {
        const bool isLast = h + 1 == kRightStrata || h + 1 == kStrata || full[h + 1];
        if (!full[h]) share += std::max(0.0, left * weight[h] / weights);
        if (!full[h] && (isLast || share >= kLeastImages)) {
            allocation[h] = std::min(
                sizes[h], std::max(kLeastImages, static_cast<std::uint32_t>(std::lround(share))));
            share = 0;
        }
    }
    return allocation;
}

PointTask pointTask(const CampaignSpec& campaign, std::uint32_t network, std::uint32_t point,
                    const StratumSizes& sizes) {
    const NetworkSpec& of = campaign.networks[network];
    const double rate = std::max(0.0, campaign.points[point].berExpected.value_or(0));
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
    ChipEvidence evidence(task);
    PointState state;
    state.lesson = before.value_or(StrataLesson{});
    const auto variancesOf = [&](Division division) {
        return evidence.variances(division, before);
    };
    const auto roundOf = [&](std::uint32_t endChip, Division division, double images) {
        const Allocation& sizes = task.sizes[division];
        return Round{evidence.chips(), endChip, division,
                     allocate(sizes, variancesOf(division), images)};
    };
    const double first = before && before->imagesPerChip > 0 ? before->imagesPerChip : kFirstImages;
    Round round = roundOf(std::min(kFirstChips, task.mostChips), Division::kMargin, first);
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
        state.lesson = {{variancesOf(Division::kMargin), variancesOf(Division::kClass)},
                        static_cast<std::uint32_t>(imagesIn(round.allocation))};
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
            // The trials say how their images were divided: a store of an older plan keeps its
            // rounds.
            const StratumCounts& last = trials[done - 1].strata;
            const Division division = divisionOf(last, task.sizes);
            const double image =
                varianceOfImage(task.sizes[division], drawnOf(last), variancesOf(division));
            effort = cheapest(task, between, image, wanted);
        }
        const double most = 2.0 * evidence.chips();
        const double least = evidence.chips() + std::max(4.0, evidence.chips() / 8.0);
        const double chips =
            std::min<double>(task.mostChips, std::clamp(effort.chips, least, most));
        round =
            roundOf(static_cast<std::uint32_t>(std::lround(chips)),
                    evidence.isGuessing() ? Division::kClass : Division::kMargin, effort.images);
    }
}

std::vector<RunPoint> runPoints(const CampaignSpec& campaign, std::uint32_t network,
                                const StratumSizes& sizes, Span<const TrialResult> trials,
                                const std::vector<RunPoint>& known) {
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
        if (run.size() < known.size() && !known[run.size()].state.next) {
            run.push_back(known[run.size()]);
        } else {
            const PointTask task = pointTask(campaign, network, point, sizes);
            run.push_back({point, pointState(task, lesson, of)});
        }
        if (run.back().state.next) break;
        lesson = run.back().state.lesson;
    }
    return run;
}

}  // namespace brownout
