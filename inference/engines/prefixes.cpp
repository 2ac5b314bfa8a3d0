#include "inference/engines/prefixes.h"

#include <algorithm>

namespace brownout {

namespace {

constexpr std::size_t kMostCuts = 4;

/// Returns the pieces of memory in use between the steps `step` - 1 and `step`.
Prefixes::Cut cutAt(const Plan& plan, std::size_t step) {
    Prefixes::Cut cut;
    cut.step = step;
    for (const Plan::BufferUse& use : plan.bufferUses) {
        if (use.firstStep >= step || use.lastStep < step) continue;
        cut.pieces.push_back({use.offset, use.elements});
        cut.elements += use.elements;
    }
    double before = 0;
    double all = 0;
    for (const Plan::NodeCost& cost : plan.costs) {
        all += static_cast<double>(cost.macs);
        if (cost.endStep <= step) before += static_cast<double>(cost.macs);
    }
    cut.share = all > 0 ? before / all : 0;
    return cut;
}

/// Returns the share of the work that a fault in one of the weights saves on average.
double saved(const std::vector<Prefixes::Cut>& cuts, const std::vector<std::size_t>& faultSteps,
             const std::vector<std::size_t>& weights) {
    double sum = 0;
    for (std::size_t t = 0; t < weights.size(); ++t) {
        double most = 0;
        for (const Prefixes::Cut& cut : cuts) {
            if (cut.step <= faultSteps[t]) most = std::max(most, cut.share);
        }
        sum += most * static_cast<double>(weights[t]);
    }
    return sum;
}

}  // namespace

Prefixes::Prefixes(const Plan& plan, const std::vector<std::size_t>& faultSteps,
                   const std::vector<std::size_t>& weights, std::size_t images, std::size_t bytes)
    : images_(images) {
    std::vector<Cut> candidates;
    for (const std::size_t step : faultSteps) candidates.push_back(cutAt(plan, step));
    std::size_t room = bytes / sizeof(float) / std::max<std::size_t>(1, images);
    double now = 0;
    while (cuts_.size() < kMostCuts) {
        const Cut* best = nullptr;
        double most = now;
        for (const Cut& candidate : candidates) {
            if (candidate.elements == 0 || candidate.elements > room) continue;
            std::vector<Cut> with = cuts_;
            with.push_back(candidate);
            const double then = saved(with, faultSteps, weights);
            if (then > most) {
                most = then;
                best = &candidate;
            }
        }
        if (best == nullptr) break;
        cuts_.push_back(*best);
        room -= best->elements;
        now = most;
    }
    std::sort(cuts_.begin(), cuts_.end(),
              [](const Cut& a, const Cut& b) { return a.step < b.step; });
    for (Cut& cut : cuts_) cut.values.resize(images * cut.elements);
}

const Prefixes::Cut* Prefixes::before(std::size_t step) const {
    const Cut* last = nullptr;
    for (const Cut& cut : cuts_) {
        if (cut.step <= step) last = &cut;
    }
    return last;
}

std::size_t Prefixes::bytes() const {
    std::size_t floats = 0;
    for (const Cut& cut : cuts_) floats += cut.values.size();
    return floats * sizeof(float);
}

}  // namespace brownout
