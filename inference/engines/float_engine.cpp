#include "inference/engines/float_engine.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <new>

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

namespace {

/// Tells whether a plan in floats of 16 lanes is faster with 8: where activations are so large that
/// their way to memory and back takes much of the time, and wide vectors multiply no faster.
/// Measured on SqueezeNet, 224 x 224 (Zen 4): 1.2 times.
bool isBetterNarrow(const Plan& plan) {
    constexpr std::size_t kLargeBytes = std::size_t{32} << 20;
    const bool isWide = plan.kernels == &kernels::kAvx512 && plan.integerParameters.empty();
    return isWide && halvesWideVectors() && !instructionSetIsForced() &&
           plan.activationElements * 16 * sizeof(float) > kLargeBytes;
}

}  // namespace

FloatEngine::FloatEngine(FloatEngine&&) noexcept = default;
FloatEngine& FloatEngine::operator=(FloatEngine&&) noexcept = default;
FloatEngine::~FloatEngine() = default;

FloatEngine::FloatEngine(const Network& network, const std::string& instructionSet,
                         Summation summation) {
    prepare(network, singleImageShapes(network), instructionSet, summation, nullptr);
    takeImageShape(network);
}

FloatEngine::FloatEngine(const EncodedNetwork& network, const std::string& instructionSet,
                         Summation summation)
    : FloatEngine(network.graph(), network, instructionSet, summation) {}

FloatEngine::FloatEngine(const Network& graph, const EncodedNetwork& network,
                         const std::string& instructionSet, Summation summation)
    : network_(std::make_unique<EncodedNetwork>(network)) {
    prepare(graph, singleImageShapes(graph), instructionSet, summation, &network);
    takeImageShape(graph);
}

FloatEngine::FloatEngine(const Network& network, const std::vector<Shape>& inputShapes,
                         const std::string& instructionSet) {
    if (inputShapes.size() != network.inputs.size()) {
        throw Error(network.file, std::to_string(inputShapes.size()) +
                                      " inputs given, the network has " +
                                      std::to_string(network.inputs.size()));
    }
    prepare(network, inputShapes, instructionSet, Summation::kDirect, nullptr);
}

FloatEngine::Floats FloatEngine::allocate(std::size_t count) {
    constexpr std::size_t kLine = 64;  // a cache line, and the widest vector
    const std::size_t bytes = (count * sizeof(float) + kLine) / kLine * kLine;
    auto* memory = static_cast<float*>(std::aligned_alloc(kLine, bytes));
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    std::memset(memory, 0, bytes);
    return Floats(memory);
}

void FloatEngine::prepare(const Network& graph, const std::vector<Shape>& inputShapes,
                          const std::string& instructionSet, Summation summation,
                          const EncodedNetwork* network) {
    plan_ = std::make_unique<const Plan>(
        makePlan(graph, inputShapes, kernelsFor(instructionSet), summation));
    narrow_ = instructionSet.empty() && isBetterNarrow(*plan_);
    if (narrow_) {
        plan_ =
            std::make_unique<const Plan>(makePlan(graph, inputShapes, kernels::kAvx2, summation));
    }
    const std::size_t lanes = this->lanes();
    for (std::size_t offset : plan_->bufferOffsets) {
        bufferOffsets_.push_back(offset * lanes);
    }
    activations_ = allocate(plan_->activationElements * lanes);
    uniform_ = allocate(plan_->uniformImage.size());
    packed_ = allocate(plan_->packedSize);
    std::copy(plan_->uniformImage.begin(), plan_->uniformImage.end(), uniform_.get());
    loadParameters(graph, network);
    firstPatched_ = plan_->steps.size();
}

void FloatEngine::takeImageShape(const Network& network) {
    const Shape& input = plan_->inputs.at(0).shape;
    imageShape_.assign(input.begin() + 1, input.end());
    if (plan_->outputs.empty() || plan_->outputs[0].shape.empty() ||
        plan_->outputs[0].shape[0] != 1 || elementCount(plan_->outputs[0].shape) == 0) {
        throw Error(network.file, "the output is not one row of classes an image");
    }
    outputs_ = elementCount(plan_->outputs[0].shape);
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
            const auto first = plan_->firstSteps.find(tensors[t].name);
            if (first != plan_->firstSteps.end()) places_[t].firstStep = first->second;
        }
    }
    auto valuesOf = [&](const std::string& name) -> const std::vector<float>& {
        auto found = decoded.find(name);
        return found != decoded.end() ? found->second : graph.parameters.at(name).values;
    };
    for (const Plan::PackedParameter& parameter : plan_->packedParameters) {
        parameter.packing.pack(valuesOf(parameter.parameter).data(), packed_.get());
        if (indexOf.count(parameter.parameter) != 0) {
            places_[indexOf[parameter.parameter]].packed.push_back(&parameter.packing);
        }
    }
    for (const Plan::EvaluatedParameter& parameter : plan_->evaluatedParameters) {
        const std::vector<float>& values = valuesOf(parameter.parameter);
        std::copy(values.begin(), values.end(), packed_.get() + parameter.kernels.weights);
        for (std::size_t kernel = 0; kernel < parameter.kernels.kernels(); ++kernel) {
            parameter.kernels.evaluate(kernel, *plan_->kernels, packed_.get());
        }
        if (indexOf.count(parameter.parameter) != 0) {
            places_[indexOf[parameter.parameter]].evaluated.push_back(changedKernels_.size());
        }
        changedKernels_.emplace_back(parameter.kernels);
    }
    for (const Plan::UniformParameter& parameter : plan_->uniformParameters) {
        const std::vector<float>& values = valuesOf(parameter.parameter);
        std::copy(values.begin(), values.end(), uniform_.get() + parameter.offset);
        if (indexOf.count(parameter.parameter) != 0) {
            places_[indexOf[parameter.parameter]].uniform.push_back(parameter.offset);
        }
    }
    for (const Plan::IntegerParameter& parameter : plan_->integerParameters) {
        if (indexOf.count(parameter.parameter) != 0) {
            places_[indexOf[parameter.parameter]].integers.push_back(parameter.form.get());
        }
    }
    loadIntegers();
}

void FloatEngine::loadIntegers() {
    for (const Plan::IntegerParameter& parameter : plan_->integerParameters) {
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
    auto prefixes = std::make_shared<Prefixes>(*plan_, firstSteps, weights, images, bytes);
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
        if (std::none_of(plan_->costs.begin(), plan_->costs.end(),
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
    firstPatched_ = plan_->steps.size();
    integerUndo_.clear();
    for (ChangedKernels& kernels : changedKernels_) kernels.settle();
}

std::string FloatEngine::arithmetic() const {
    return arithmeticOfSteps() + (narrow_ ? " on " + instructionSet() : "");
}

std::string FloatEngine::arithmeticOfSteps() const {
    const std::string floats = plan_->evaluatedParameters.empty() ? "float" : "float, Winograd";
    if (plan_->integerParameters.empty()) return floats;
    const auto has = [this](const char* op) {
        return std::any_of(plan_->costs.begin(), plan_->costs.end(),
                           [op](const Plan::NodeCost& cost) { return cost.op == op; });
    };
    std::string all = has("IntegerProduct") ? "integer" : "";
    if (has("BitProduct")) all += all.empty() ? "bits" : "; bits";
    const bool mixed = !plan_->evaluatedParameters.empty() || !plan_->packedParameters.empty();
    return mixed ? all + "; " + floats : all;
}

std::string FloatEngine::instructionSet() const { return plan_->kernels->name; }

std::size_t FloatEngine::lanes() const { return static_cast<std::size_t>(plan_->kernels->lanes); }

std::size_t FloatEngine::activationBytes() const {
    return plan_->activationElements * lanes() * sizeof(float);
}

std::size_t FloatEngine::weightBytes() const {
    return (plan_->packedSize + plan_->uniformImage.size()) * sizeof(float);
}

}  // namespace brownout
