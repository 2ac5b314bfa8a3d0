#include "inference/engines/prefixes.h"

#include <algorithm>

#include "base/machine_memory.h"

namespace brownout {

namespace {

/// A cut has to save so much more of the work that it is worth filling its memory.
constexpr double kLeastGain = 0.02;
constexpr std::size_t kMostMemory = std::size_t{4} << 30;

Prefixes::Cut cutAt(const Plan& plan, std::size_t step) {
    Prefixes::Cut cut;
    cut.step = step;
    cut.pieces = piecesInUse(plan, step);
    for (const ActivationPiece& piece : cut.pieces) cut.elements += piece.elements;
    double before = 0;
    double all = 0;
    for (const Plan::NodeCost& cost : plan.costs) {
        all += static_cast<double>(cost.macs);
        if (cost.endStep <= step) before += static_cast<double>(cost.macs);
    }
    cut.share = all > 0 ? before / all : 0;
    return cut;
}

/// Returns the sum over weights of the share of the work that a fault in each saves, with one more
/// cut.
double saved(const std::vector<Prefixes::Cut>& cuts, const Prefixes::Cut& more,
             const std::vector<std::size_t>& faultSteps, const std::vector<std::size_t>& weights) {
    double sum = 0;
    for (std::size_t t = 0; t < weights.size(); ++t) {
        double most = more.step <= faultSteps[t] ? more.share : 0;
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
    double all = 0;
    for (const std::size_t count : weights) all += static_cast<double>(count);
    double now = 0;
    for (;;) {
        auto best = candidates.end();
        double most = now + kLeastGain * all;
        for (auto candidate = candidates.begin(); candidate != candidates.end(); ++candidate) {
            if (candidate->elements == 0 || candidate->elements > room) continue;
            const double then = saved(cuts_, *candidate, faultSteps, weights);
            if (then > most) {
                most = then;
                best = candidate;
            }
        }
        if (best == candidates.end()) break;
        room -= best->elements;
        cuts_.push_back(std::move(*best));
        candidates.erase(best);
        now = most;
    }
    std::sort(cuts_.begin(), cuts_.end(),
              [](const Cut& a, const Cut& b) { return a.step < b.step; });
    // The memory is left undefined, so that the threads which keep activations touch it first.
    for (Cut& cut : cuts_) cut.values.reset(new float[images * cut.elements]);
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
    for (const Cut& cut : cuts_) floats += images_ * cut.elements;
    return floats * sizeof(float);
}

std::size_t memoryForPrefixes() { return std::min(kMostMemory, machineMemory() / 8); }

}  // namespace brownout
