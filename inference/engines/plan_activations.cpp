#include "inference/engines/plan_activations.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "inference/engines/lanes.h"
#include "inference/tensor.h"

namespace brownout {

std::vector<ActivationPiece> piecesInUse(const Plan& plan, std::size_t step) {
    std::vector<ActivationPiece> pieces;
    for (const Plan::BufferUse& use : plan.bufferUses) {
        if (use.firstStep < step && step <= use.lastStep) {
            pieces.push_back({use.offset, use.elements});
        }
    }
    return pieces;
}

PlanActivations::PlanActivations(Plan plan) : plan_(std::make_unique<const Plan>(std::move(plan))) {
    for (std::size_t offset : plan_->bufferOffsets) bufferOffsets_.push_back(offset * lanes());
}

float* PlanActivations::data() {
    if (activations_ == nullptr) {
        activations_ = allocateFloats(plan_->activationElements * lanes());
    }
    return activations_.get();
}

PlanMemory PlanActivations::memory(PlanMemory rest) {
    rest.kernels = plan_->kernels;
    rest.activations = data();
    rest.bufferOffsets = bufferOffsets_.data();
    return rest;
}

void PlanActivations::load(const float* images, std::size_t count) {
    const Plan::Endpoint& input = plan_->inputs[0];
    const std::size_t elements = elementCount(input.shape);
    float* to = data() + bufferOffsets_[input.ref.at];
    const std::vector<float> black(count < lanes() ? elements : 0);
    std::vector<const float*> sources(lanes(), black.data());
    for (std::size_t lane = 0; lane < count; ++lane) sources[lane] = images + lane * elements;
    toLanes(sources, elements, to);
}

void PlanActivations::store(std::size_t count, const float* uniform, float* outputs) {
    const Plan::Endpoint& output = plan_->outputs[0];
    const bool isUniform = output.ref.uniform;
    const float* from =
        isUniform ? uniform + output.ref.at : data() + bufferOffsets_[output.ref.at];
    const std::size_t classes = elementCount(output.shape);
    const std::size_t step = isUniform ? 1 : lanes();
    for (std::size_t lane = 0; lane < count; ++lane) {
        float* logits = outputs + lane * classes;
        for (std::size_t c = 0; c < classes; ++c) {
            logits[c] = from[c * step + (isUniform ? 0 : lane)];
        }
    }
}

void PlanActivations::runSteps(const PlanMemory& memory, std::size_t first, std::size_t end,
                               Span<double> nodeSeconds) const {
    const auto run = [&](std::size_t from, std::size_t to) {
        for (std::size_t s = from; s < to; ++s) plan_->steps[s](memory);
    };
    if (nodeSeconds.empty()) return run(first, end);
    for (const Plan::NodeCost& cost : plan_->costs) {
        const std::size_t last = std::min(end, cost.endStep);
        if (last <= first) continue;
        const auto begin = std::chrono::steady_clock::now();
        run(first, last);
        const auto now = std::chrono::steady_clock::now();
        nodeSeconds[cost.node] += std::chrono::duration<double>(now - begin).count();
        first = last;
    }
}

}  // namespace brownout
