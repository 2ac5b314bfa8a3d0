// The part of the float engine that runs images, all of a network or what lies behind a cut.

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "inference/engines/changed_kernels.h"
#include "inference/engines/float_engine.h"
#include "inference/engines/lanes.h"
#include "inference/engines/prefixes.h"

namespace brownout {

PlanMemory FloatEngine::memory() const {
    return {plan_->kernels, activations_.get(), bufferOffsets_.data(),
            uniform_.get(), packed_.get(),      failing_,
            images_};
}

void FloatEngine::beginRun() {
    for (ChangedKernels& kernels : changedKernels_) kernels.update(*plan_->kernels, packed_.get());
    const PlanMemory memory = this->memory();
    for (const Step& step : plan_->uniformSteps) step(memory);
}

void FloatEngine::runSteps(std::size_t first, std::size_t end) {
    const PlanMemory memory = this->memory();
    for (std::size_t s = first; s < end; ++s) plan_->steps[s](memory);
}

void FloatEngine::runAllSteps() {
    if (nodeSeconds_.empty()) return runSteps(0, plan_->steps.size());
    std::size_t first = 0;
    for (std::size_t n = 0; n < plan_->costs.size(); ++n) {
        const std::size_t end = std::max(first, plan_->costs[n].endStep);
        const auto begin = std::chrono::steady_clock::now();
        runSteps(first, end);
        const auto now = std::chrono::steady_clock::now();
        nodeSeconds_[plan_->costs[n].node] += std::chrono::duration<double>(now - begin).count();
        first = end;
    }
}

void FloatEngine::runTimed(const float* images, float* outputs, Span<double> nodeSeconds) {
    nodeSeconds_ = nodeSeconds;
    run(images, lanes(), outputs);
    nodeSeconds_ = {};
}

void FloatEngine::loadImages(const float* images, std::size_t count) {
    images_ = count;
    const std::size_t lanes = this->lanes();
    const std::size_t elements = imageElements();
    const std::vector<float> black(count < lanes ? elements : 0);
    std::vector<const float*> sources(lanes, black.data());
    for (std::size_t lane = 0; lane < count; ++lane) sources[lane] = images + lane * elements;
    toLanes(sources, elements, activations_.get() + bufferOffsets_[plan_->inputs[0].ref.at]);
}

void FloatEngine::storeOutputs(std::size_t count, float* outputs) const {
    const Plan::Endpoint& output = plan_->outputs[0];
    const bool uniform = output.ref.uniform;
    const float* from = memory().data(output.ref);
    const std::size_t step = uniform ? 1 : lanes();
    for (std::size_t lane = 0; lane < count; ++lane) {
        float* logits = outputs + lane * outputs_;
        for (std::size_t c = 0; c < outputs_; ++c) {
            logits[c] = from[c * step + (uniform ? 0 : lane)];
        }
    }
}

void FloatEngine::run(const float* images, std::size_t count, float* outputs) {
    if (outputs_ == 0) {
        throw Error("engine", "made for given input shapes, not for images");
    }
    beginRun();
    for (std::size_t first = 0; first < count; first += lanes()) {
        const std::size_t block = std::min(lanes(), count - first);
        loadImages(images + first * imageElements(), block);
        runAllSteps();
        storeOutputs(block, outputs + first * outputs_);
    }
}

void FloatEngine::runKeeping(const float* images, Span<const std::size_t> numbers, float* outputs,
                             Prefixes& prefixes) {
    beginRun();
    const std::size_t lanes = this->lanes();
    for (std::size_t first = 0; first < numbers.size(); first += lanes) {
        const std::size_t block = std::min(lanes, numbers.size() - first);
        loadImages(images + first * imageElements(), block);
        std::size_t step = 0;
        for (Prefixes::Cut& cut : prefixes.cuts()) {
            runSteps(step, cut.step);
            step = cut.step;
            std::vector<float*> kept;
            for (std::size_t lane = 0; lane < block; ++lane) {
                kept.push_back(cut.values.get() + numbers[first + lane] * cut.elements);
            }
            for (const Prefixes::Piece& piece : cut.pieces) {
                fromLanes(activations_.get() + piece.offset * lanes, lanes, piece.elements, kept);
                for (float*& image : kept) image += piece.elements;
            }
        }
        runSteps(step, plan_->steps.size());
        storeOutputs(block, outputs + first * outputs_);
    }
}

bool FloatEngine::runBehind(const Prefixes& prefixes, Span<const std::size_t> numbers,
                            float* outputs) {
    const Prefixes::Cut* cut = prefixes.before(firstPatched_);
    if (cut == nullptr || failing_) return false;
    beginRun();
    const std::size_t lanes = this->lanes();
    for (std::size_t first = 0; first < numbers.size(); first += lanes) {
        const std::size_t block = std::min(lanes, numbers.size() - first);
        std::vector<const float*> kept;
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            // Lanes without an image do the work of the first one again.
            const std::size_t number = numbers[first + (lane < block ? lane : 0)];
            kept.push_back(cut->values.get() + number * cut->elements);
        }
        for (const Prefixes::Piece& piece : cut->pieces) {
            toLanes(kept, piece.elements, activations_.get() + piece.offset * lanes);
            for (const float*& image : kept) image += piece.elements;
        }
        runSteps(cut->step, plan_->steps.size());
        storeOutputs(block, outputs + first * outputs_);
    }
    return true;
}

std::vector<FloatTensor> FloatEngine::runOnce(const std::vector<FloatTensor>& inputs) {
    const std::size_t lanes = this->lanes();
    if (inputs.size() != plan_->inputs.size()) {
        throw Error("engine", std::to_string(inputs.size()) + " inputs given, expected " +
                                  std::to_string(plan_->inputs.size()));
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Plan::Endpoint& port = plan_->inputs[i];
        if (inputs[i].shape != port.shape || inputs[i].values.size() != elementCount(port.shape)) {
            throw Error("input '" + port.name + "'", "has the shape " + toString(inputs[i].shape) +
                                                         ", expected " + toString(port.shape));
        }
        float* to = activations_.get() + bufferOffsets_[port.ref.at];
        for (std::size_t e = 0; e < inputs[i].values.size(); ++e) {
            std::fill_n(to + e * lanes, lanes, inputs[i].values[e]);
        }
    }
    images_ = 1;
    beginRun();
    runAllSteps();
    std::vector<FloatTensor> outputs;
    for (const Plan::Endpoint& port : plan_->outputs) {
        FloatTensor output;
        output.shape = port.shape;
        const bool uniform = port.ref.uniform;
        const float* from = uniform ? uniform_.get() + port.ref.at
                                    : activations_.get() + bufferOffsets_[port.ref.at];
        for (std::size_t e = 0; e < elementCount(port.shape); ++e) {
            output.values.push_back(from[e * (uniform ? 1 : lanes)]);
        }
        outputs.push_back(std::move(output));
    }
    return outputs;
}

}  // namespace brownout
