#include "inference/engines/float_engine.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "inference/engines/changed_kernels.h"
#include "inference/engines/prefixes.h"
#include "inference/kernels/dispatch.h"
#include "inference/plan/plan.h"

namespace brownout {

struct FloatEngine::Places {
    std::vector<const Packing*> packed;
    std::vector<std::size_t> uniform;    // offsets
    std::vector<std::size_t> evaluated;  // indices into changedKernels_
    std::size_t firstStep = 0;           // first step that sees a change
    std::vector<const IntegerForm*> integers;
};

FloatEngine::FloatEngine(FloatEngine&&) noexcept = default;
FloatEngine& FloatEngine::operator=(FloatEngine&&) noexcept = default;
FloatEngine::~FloatEngine() = default;

FloatEngine::FloatEngine(const Network& network, const std::string& instructionSet,
                         Summation summation) {
    prepare(network, nullptr, instructionSet, summation);
}

FloatEngine::FloatEngine(const EncodedNetwork& network, const std::string& instructionSet,
                         Summation summation)
    : FloatEngine(network.graph(), network, instructionSet, summation) {}

FloatEngine::FloatEngine(const Network& graph, const EncodedNetwork& network,
                         const std::string& instructionSet, Summation summation)
    : network_(std::make_unique<EncodedNetwork>(network)) {
    prepare(graph, &network, instructionSet, summation);
}

FloatEngine::FloatEngine(const Network& network, const kernels::Kernels& kernels,
                         Summation summation) {
    load(network, nullptr, makePlan(network, singleImageShapes(network), kernels, summation));
    takeImageShape(network);
}

FloatEngine::FloatEngine(const Network& network, const std::vector<Shape>& inputShapes,
                         const std::string& instructionSet)
    : FloatEngine(network, inputShapes, kernelsFor(instructionSet)) {}

FloatEngine::FloatEngine(const Network& network, const std::vector<Shape>& inputShapes,
                         const kernels::Kernels& kernels) {
    if (inputShapes.size() != network.inputs.size()) {
        throw Error(network.file, std::to_string(inputShapes.size()) +
                                      " inputs given, the network has " +
                                      std::to_string(network.inputs.size()));
    }
    load(network, nullptr, makePlan(network, inputShapes, kernels, Summation::kDirect));
}

void FloatEngine::prepare(const Network& graph, const EncodedNetwork* network,
                          const std::string& instructionSet, Summation summation) {
    const std::vector<Shape> shapes = singleImageShapes(graph);
    Plan plan = makePlan(graph, shapes, kernelsFor(instructionSet), summation);
    mostOneByOne_ = mostOneByOne(plan);
    if (mostOneByOne_ > 0) {
        positions_ = std::make_unique<PlanActivations>(
            makePlan(graph, shapes, positionKernelsOf(*plan.kernels), summation));
        handOver_ = handOverBetween(positions_->plan(), plan);
    }
    load(graph, network, std::move(plan));
    takeImageShape(graph);
}

void FloatEngine::load(const Network& graph, const EncodedNetwork* network, Plan plan) {
    lanes_ = std::make_unique<PlanActivations>(std::move(plan));
    uniform_ = allocateFloats(this->plan().uniformImage.size());
    packed_ = allocateFloats(this->plan().packedSize);
    std::copy(this->plan().uniformImage.begin(), this->plan().uniformImage.end(), uniform_.get());
    loadParameters(graph, network);
    firstPatched_ = this->plan().steps.size();
}

void FloatEngine::takeImageShape(const Network& network) {
    const Shape& input = plan().inputs.at(0).shape;
    imageShape_.assign(input.begin() + 1, input.end());
    if (plan().outputs.empty() || plan().outputs[0].shape.empty() ||
        plan().outputs[0].shape[0] != 1 || elementCount(plan().outputs[0].shape) == 0) {
        throw Error(network.file, "the output is not one row of classes an image");
    }
    outputs_ = elementCount(plan().outputs[0].shape);
}

void FloatEngine::loadParameters(const Network& graph, const EncodedNetwork* network) {
    std::map<std::string, std::vector<float>> decoded;
    std::map<std::string, std::size_t> indexOf;
    if (network != nullptr) {
        const std::vector<StoredTensor>& tensors = network->storedTensors();
        for (std::size_t t = 0; t < tensors.size(); ++t) {
            std::vector<float>& values = decoded[tensors[t].name];
            values.resize(tensors[t].codes.size());
            tensors[t].format->decode(tensors[t].codes, values);
            indexOf[tensors[t].name] = t;
        }
        places_.resize(tensors.size());
        for (std::size_t t = 0; t < tensors.size(); ++t) {
            const auto first = plan().firstSteps.find(tensors[t].name);
            if (first != plan().firstSteps.end()) places_[t].firstStep = first->second;
        }
    }
    auto valuesOf = [&](const std::string& name) -> const std::vector<float>& {
        auto found = decoded.find(name);
        return found != decoded.end() ? found->second : graph.parameters.at(name).values;
    };
    for (const Plan::PackedParameter& parameter : plan().packedParameters) {
        parameter.packing.pack(valuesOf(parameter.parameter).data(), packed_.get());
        if (indexOf.count(parameter.parameter) != 0) {
            places_[indexOf[parameter.parameter]].packed.push_back(&parameter.packing);
        }
    }
    for (const Plan::EvaluatedParameter& parameter : plan().evaluatedParameters) {
        const std::vector<float>& values = valuesOf(parameter.parameter);
        std::copy(values.begin(), values.end(), packed_.get() + parameter.kernels.weights);
        for (std::size_t kernel = 0; kernel < parameter.kernels.kernels(); ++kernel) {
            parameter.kernels.evaluate(kernel, *plan().kernels, packed_.get());
        }
        if (indexOf.count(parameter.parameter) != 0) {
            places_[indexOf[parameter.parameter]].evaluated.push_back(changedKernels_.size());
        }
        changedKernels_.emplace_back(parameter.kernels);
    }
    for (const Plan::UniformParameter& parameter : plan().uniformParameters) {
        const std::vector<float>& values = valuesOf(parameter.parameter);
        std::copy(values.begin(), values.end(), uniform_.get() + parameter.offset);
        if (indexOf.count(parameter.parameter) != 0) {
            places_[indexOf[parameter.parameter]].uniform.push_back(parameter.offset);
        }
    }
    for (const Plan::IntegerParameter& parameter : plan().integerParameters) {
        if (indexOf.count(parameter.parameter) != 0) {
            places_[indexOf[parameter.parameter]].integers.push_back(parameter.form.get());
        }
    }
    loadIntegers();
}

void FloatEngine::loadIntegers() {
    for (const Plan::IntegerParameter& parameter : plan().integerParameters) {
        for (std::size_t e = 0; e < parameter.values.size(); ++e) {
            parameter.form->set(packedWords(), e, parameter.values[e]);
        }
    }
}

std::shared_ptr<Prefixes> FloatEngine::makePrefixes(std::size_t images, std::size_t bytes) const {
    if (network_ == nullptr) return nullptr;
    std::vector<std::size_t> firstSteps;
    std::vector<std::size_t> weights;
    for (std::size_t t = 0; t < places_.size(); ++t) {
        firstSteps.push_back(places_[t].firstStep);
        weights.push_back(network_->storedTensors()[t].codes.size());
    }
    auto prefixes = std::make_shared<Prefixes>(plan(), firstSteps, weights, images, bytes);
    return prefixes->cuts().empty() ? nullptr : prefixes;
}

void FloatEngine::patch(std::size_t tensor, std::size_t element, Code code) {
    if (network_ == nullptr || tensor >= places_.size() ||
        element >= network_->storedTensors()[tensor].codes.size()) {
        throw Error("patch", "there is no element " + std::to_string(element) +
                                 " of a stored tensor " + std::to_string(tensor));
    }
    const float value = network_->storedTensors()[tensor].format->decode(code, element);
    const Places& places = places_[tensor];
    firstPatched_ = std::min(firstPatched_, places.firstStep);
    for (const Packing* packing : places.packed) {
        change(packed_.get() + packing->placeOf(element), value);
    }
    for (std::size_t offset : places.uniform) change(uniform_.get() + offset + element, value);
    for (std::size_t i : places.evaluated) {
        change(packed_.get() + changedKernels_[i].placeOf(element), value);
        changedKernels_[i].change(element);
    }
    if (!places.integers.empty()) patchIntegers(places, tensor, element, code);
}

void FloatEngine::patchIntegers(const Places& places, std::size_t tensor, std::size_t element,
                                Code code) {
    const StoredTensor& stored = network_->storedTensors()[tensor];
    const auto found = network_->graph().fileCodes.find(stored.name);
    // A format of one bit needs no codes of the file.
    const std::int32_t value =
        stored.bits == 1 ? static_cast<std::int32_t>(stored.format->decode(code, element) > 0)
                         : integerOf(found->second, codeOfBits(found->second, code), element);
    for (const IntegerForm* form : places.integers) {
        integerUndo_.push_back({form, element, form->get(packedWords(), element)});
        form->set(packedWords(), element, value);
    }
}

void FloatEngine::change(float* place, float value) {
    undo_.push_back({place, *place});
    *place = value;
}

void FloatEngine::restore() {
    // Backwards: what was patched twice gets its first value back last.
    for (auto change = undo_.rbegin(); change != undo_.rend(); ++change) {
        *change->place = change->before;
    }
    for (auto change = integerUndo_.rbegin(); change != integerUndo_.rend(); ++change) {
        change->form->set(packedWords(), change->element, change->before);
    }
    keep();
}

void FloatEngine::readValuesFrom(const FailingValues& memories) {
    const auto require = [this](const char* op, const char* what) {
        if (std::none_of(plan().costs.begin(), plan().costs.end(),
                         [op](const Plan::NodeCost& cost) { return cost.op == op; })) {
            throw Error("engine", std::string("stores no ") + what);
        }
    };
    if (memories.activations != nullptr) require("StoredActivation", "activations");
    if (memories.sums != nullptr) require("StoredSums", "partial sums");
    failing_ = memories;
}

void FloatEngine::keep() {
    undo_.clear();
    firstPatched_ = plan().steps.size();
    integerUndo_.clear();
    for (ChangedKernels& kernels : changedKernels_) kernels.settle();
}

std::string FloatEngine::arithmetic() const {
    const std::string floats = plan().evaluatedParameters.empty() ? "float" : "float, Winograd";
    if (plan().integerParameters.empty()) return floats;
    const auto has = [this](const char* op) {
        return std::any_of(plan().costs.begin(), plan().costs.end(),
                           [op](const Plan::NodeCost& cost) { return cost.op == op; });
    };
    std::string all = has("IntegerProduct") ? "integer" : "";
    if (has("BitProduct")) all += all.empty() ? "bits" : "; bits";
    const bool mixed = !plan().evaluatedParameters.empty() || !plan().packedParameters.empty();
    return mixed ? all + "; " + floats : all;
}

std::string FloatEngine::instructionSet() const { return plan().kernels->name; }

std::size_t FloatEngine::lanes() const { return lanes_->lanes(); }

std::size_t FloatEngine::activationBytes() const {
    const std::size_t handedOver = handOver_ ? handOver_->to.elements * lanes() : 0;
    return lanes_->bytes() + (positions_ ? positions_->bytes() : 0) + handedOver * sizeof(float);
}

std::size_t FloatEngine::weightBytes() const {
    return (plan().packedSize + plan().uniformImage.size()) * sizeof(float);
}

}  // namespace brownout
