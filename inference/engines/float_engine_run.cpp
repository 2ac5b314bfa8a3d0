// The part of the float engine that runs images, all of a network or what lies behind a cut.

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "inference/engines/changed_kernels.h"
#include "inference/engines/float_engine.h"
#include "inference/engines/lanes.h"
#include "inference/engines/prefixes.h"

namespace brownout {

PlanMemory FloatEngine::memoryOf(PlanActivations& activations, std::size_t images) const {
    PlanMemory rest{};
    rest.uniform = uniform_.get();
    rest.packed = packed_.get();
    rest.failing = failing_;
    rest.images = images;
    return activations.memory(rest);
}

void FloatEngine::beginRun() {
    for (ChangedKernels& kernels : changedKernels_) kernels.update(*plan().kernels, packed_.get());
    PlanMemory memory{};
    memory.kernels = plan().kernels;
    memory.uniform = uniform_.get();
    memory.packed = packed_.get();
    for (const Step& step : plan().uniformSteps) step(memory);
}

bool FloatEngine::isBestOneByOne(std::size_t images) const {
    // Values that are stored in a failing memory are those of lanes_.
    return positions_ != nullptr && images <= mostOneByOne_ && !failing_;
}

void FloatEngine::runBlock(PlanActivations& activations, const float* images, std::size_t count,
                           float* outputs) {
    activations.load(images, count);
    activations.runFrom(memoryOf(activations, count), 0, nodeSeconds_);
    activations.store(count, uniform_.get(), outputs);
}

void FloatEngine::runRest(std::size_t first, const std::vector<ActivationPiece>& pieces,
                          std::vector<const float*> kept, std::size_t count, float* outputs) {
    // Lanes without an image do the work of the first one again.
    kept.resize(lanes(), kept[0]);
    for (const ActivationPiece& piece : pieces) {
        toLanes(kept, piece.elements, lanes_->data() + piece.offset * lanes());
        for (const float*& image : kept) image += piece.elements;
    }
    lanes_->runFrom(memoryOf(*lanes_, count), first, nodeSeconds_);
    lanes_->store(count, uniform_.get(), outputs);
}

void FloatEngine::runHandingOver(const float* images, std::size_t count, float* outputs) {
    const ActivationPiece& made = handOver_->from;
    handedOver_.resize(lanes() * made.elements);
    const PlanMemory memory = memoryOf(*positions_, 1);
    std::vector<const float*> kept;
    for (std::size_t i = 0; i < count; ++i) {
        positions_->load(images + i * imageElements(), 1);
        positions_->runSteps(memory, 0, handOver_->end, nodeSeconds_);
        float* to = handedOver_.data() + i * made.elements;
        std::copy_n(positions_->data() + made.offset, made.elements, to);
        kept.push_back(to);
    }
    runRest(handOver_->first, {handOver_->to}, std::move(kept), count, outputs);
}

void FloatEngine::run(const float* images, std::size_t count, float* outputs) {
    if (outputs_ == 0) {
        throw Error("engine", "made for given input shapes, not for images");
    }
    beginRun();
    for (std::size_t first = 0; first < count;) {
        const float* from = images + first * imageElements();
        float* to = outputs + first * outputs_;
        std::size_t block = std::min(lanes(), count - first);
        if (isBestOneByOne(block)) {
            block = 1;
            runBlock(*positions_, from, block, to);
        } else if (handOver_ && !failing_) {
            runHandingOver(from, block, to);
        } else {
            runBlock(*lanes_, from, block, to);
        }
        first += block;
    }
}

void FloatEngine::runTimed(const float* images, float* outputs, Span<double> nodeSeconds) {
    nodeSeconds_ = nodeSeconds;
    run(images, lanes(), outputs);
    nodeSeconds_ = {};
}

void FloatEngine::runKeeping(const float* images, Span<const std::size_t> numbers, float* outputs,
                             Prefixes& prefixes) {
    beginRun();
    const std::size_t lanes = this->lanes();
    for (std::size_t first = 0; first < numbers.size(); first += lanes) {
        const std::size_t block = std::min(lanes, numbers.size() - first);
        lanes_->load(images + first * imageElements(), block);
        const PlanMemory memory = memoryOf(*lanes_, block);
        std::size_t step = 0;
        for (Prefixes::Cut& cut : prefixes.cuts()) {
            lanes_->runSteps(memory, step, cut.step);
            step = cut.step;
            std::vector<float*> kept;
            for (std::size_t lane = 0; lane < block; ++lane) {
                kept.push_back(cut.values.get() + numbers[first + lane] * cut.elements);
            }
            for (const ActivationPiece& piece : cut.pieces) {
                fromLanes(lanes_->data() + piece.offset * lanes, lanes, piece.elements, kept);
                for (float*& image : kept) image += piece.elements;
            }
        }
        lanes_->runFrom(memory, step);
        lanes_->store(block, uniform_.get(), outputs + first * outputs_);
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
        for (std::size_t i = first; i < first + block; ++i) {
            kept.push_back(cut->values.get() + numbers[i] * cut->elements);
        }
        runRest(cut->step, cut->pieces, std::move(kept), block, outputs + first * outputs_);
    }
    return true;
}

std::vector<FloatTensor> FloatEngine::runOnce(const std::vector<FloatTensor>& inputs) {
    const std::size_t lanes = this->lanes();
    if (inputs.size() != plan().inputs.size()) {
        throw Error("engine", std::to_string(inputs.size()) + " inputs given, expected " +
                                  std::to_string(plan().inputs.size()));
    }
    const PlanMemory memory = memoryOf(*lanes_, 1);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Plan::Endpoint& port = plan().inputs[i];
        if (inputs[i].shape != port.shape || inputs[i].values.size() != elementCount(port.shape)) {
            throw Error("input '" + port.name + "'", "has the shape " + toString(inputs[i].shape) +
                                                         ", expected " + toString(port.shape));
        }
        float* to = memory.data(port.ref);
        for (std::size_t e = 0; e < inputs[i].values.size(); ++e) {
            std::fill_n(to + e * lanes, lanes, inputs[i].values[e]);
        }
    }
    beginRun();
    lanes_->runFrom(memory, 0, nodeSeconds_);
    std::vector<FloatTensor> outputs;
    for (const Plan::Endpoint& port : plan().outputs) {
        FloatTensor output;
        output.shape = port.shape;
        const bool uniform = port.ref.uniform;
        const float* from = memory.data(port.ref);
        for (std::size_t e = 0; e < elementCount(port.shape); ++e) {
            output.values.push_back(from[e * (uniform ? 1 : lanes)]);
        }
        outputs.push_back(std::move(output));
    }
    return outputs;
}

}  // namespace brownout
