#include "inference/plan/builder.h"

#include "base/error.h"

namespace brownout {

namespace {

constexpr std::size_t kMaxParameters = std::size_t{1} << 30;  // of all parameters

}  // namespace

PlanBuilder::PlanBuilder(const Network& network, const kernels::Kernels& kernels,
                         Summation summation)
    : graph_(network), summation_(summation) {
    plan_.kernels = &kernels;
    for (const auto& [name, tensor] : network.parameters) {
        PlanValue value;
        value.kind = PlanValue::Kind::kUniform;
        value.shape = tensor.shape;
        value.placed = false;
        value.parameter = name;
        value.constant = &tensor.values;
        values_[name] = value;
    }
    for (const auto& [name, tensor] : network.integers) {
        PlanValue value;
        value.kind = PlanValue::Kind::kInteger;
        value.shape = tensor.shape;
        value.integers = tensor.values;
        value.bits = tensor.bits;
        value.isSigned = tensor.isSigned;
        values_[name] = value;
    }
    for (const Node& node : network.nodes) {
        for (const std::string& name : node.inputs) {
            ++readers_[name];
        }
    }
    for (const Port& output : network.outputs) {
        readers_[output.name] += 2;
    }
}

void PlanBuilder::fail(const Node& node, const std::string& problem) const {
    // Names of values may be of any length in a damaged file.
    constexpr std::size_t kMost = 300;
    throw Error(graph_.place(node),
                problem.size() > kMost ? problem.substr(0, kMost) + "..." : problem);
}

const PlanValue& PlanBuilder::input(const Node& node, std::size_t i) const {
    const std::string& name = node.input(i);
    auto found = values_.find(name);
    if (name.empty() || found == values_.end()) {
        fail(node, "input " + std::to_string(i) + (name.empty() ? "" : " '" + name + "'") +
                       " has no value");
    }
    return found->second;
}

const PlanValue& PlanBuilder::floatInput(const Node& node, std::size_t i) {
    const PlanValue& value = input(node, i);
    if (value.kind != PlanValue::Kind::kInteger) return value;
    PlanValue& floats = floats_[node.input(i)];
    if (floats.constant == nullptr) {
        constants_.push_back(
            std::make_unique<std::vector<float>>(value.integers.begin(), value.integers.end()));
        floats = value;
        floats.kind = PlanValue::Kind::kUniform;
        floats.whole = true;
        floats.constant = constants_.back().get();
        floats.at = constant(*floats.constant).at;
    }
    return floats;
}

const PlanValue& PlanBuilder::productInput(const Node& node, std::size_t i) {
    if (input(node, i).kind == PlanValue::Kind::kInteger) {
        fail(node, "input '" + node.input(i) + "' has integers where floats are expected");
    }
    return floatInput(node, i);
}

const std::vector<std::int64_t>& PlanBuilder::integerInput(const Node& node, std::size_t i) const {
    const PlanValue& value = input(node, i);
    if (value.kind != PlanValue::Kind::kInteger) {
        fail(node, "input '" + node.input(i) + "' has floats where integers are expected");
    }
    return value.integers;
}

const std::vector<float>& PlanBuilder::constantInput(const Node& node, std::size_t i) {
    const PlanValue& value = floatInput(node, i);
    if (value.constant == nullptr) {
        fail(node, "input '" + node.input(i) + "' must be a constant");
    }
    return *value.constant;
}

ValueRef PlanBuilder::constant(const std::vector<float>& values) {
    const ValueRef ref{true, plan_.uniformImage.size()};
    if (ref.at + values.size() > kMaxParameters) {
        throw Error(graph_.file, "the parameters and what is computed from them are too large");
    }
    plan_.uniformImage.insert(plan_.uniformImage.end(), values.begin(), values.end());
    return ref;
}

ValueRef PlanBuilder::refOf(const PlanValue& value) {
    if (!value.placed) {
        // Values are kept in values_ only; the first direct reader of a parameter places it.
        PlanValue& kept = values_.at(value.parameter);
        if (!kept.placed) {
            kept.at = constant(*kept.constant).at;
            kept.placed = true;
            plan_.uniformParameters.push_back({kept.parameter, kept.at});
        }
        return {true, kept.at};
    }
    return {value.uniform(), value.at};
}

void PlanBuilder::checkShape(const Node& node, const Shape& shape) const {
    std::size_t count = 1;
    for (std::int64_t size : shape) {
        if (size < 0 || static_cast<std::size_t>(size) > kMaxPlanElements) {
            fail(node, "the result would have the shape " + toString(shape));
        }
        count *= static_cast<std::size_t>(size);
        if (count > kMaxPlanElements) {
            fail(node, "the result " + toString(shape) + " is too large");
        }
    }
    if (shape.size() > kernels::kMaxAxes) {
        fail(node, "more than " + std::to_string(kernels::kMaxAxes) + " axes");
    }
}

ValueRef PlanBuilder::scratch(const Node& node, const Shape& shape, bool uniform) {
    checkShape(node, shape);
    return uniform ? constant(std::vector<float>(elementCount(shape)))
                   : ValueRef{false, buffers_.add(elementCount(shape), plan_.steps.size())};
}

ValueRef PlanBuilder::define(const Node& node, std::size_t output, const Shape& shape,
                             bool uniform) {
    const ValueRef ref = scratch(node, shape, uniform);
    PlanValue value;
    value.kind = uniform ? PlanValue::Kind::kUniform : PlanValue::Kind::kActivation;
    value.shape = shape;
    value.at = ref.at;
    values_[node.outputs.at(output)] = value;
    return ref;
}

void PlanBuilder::defineAlias(const Node& node, std::size_t output, const PlanValue& of,
                              const Shape& shape) {
    checkShape(node, shape);
    PlanValue value = of;
    value.shape = shape;
    values_[node.outputs.at(output)] = value;
}

void PlanBuilder::defineIntegers(const Node& node, std::size_t output, const Shape& shape,
                                 std::vector<std::int64_t> values) {
    checkShape(node, shape);
    PlanValue value;
    value.kind = PlanValue::Kind::kInteger;
    value.shape = shape;
    value.integers = std::move(values);
    values_[node.outputs.at(output)] = value;
}

void PlanBuilder::defineConstant(const Node& node, std::size_t output, const FloatTensor& tensor) {
    checkShape(node, tensor.shape);
    constants_.push_back(std::make_unique<std::vector<float>>(tensor.values));
    PlanValue value;
    value.kind = PlanValue::Kind::kUniform;
    value.shape = tensor.shape;
    value.at = constant(tensor.values).at;
    value.constant = constants_.back().get();
    values_[node.outputs.at(output)] = value;
}

void PlanBuilder::setEpilogue(const Node& node, std::shared_ptr<Epilogue> epilogue) {
    if (epilogue != nullptr) epilogue->step = plan_.steps.size();
    values_.at(node.outputs.at(0)).epilogue = std::move(epilogue);
}

Packing PlanBuilder::packWeights(const Node& node, const PlanValue& weights, Packing packing) {
    packing.offset = plan_.packedSize;
    if (packing.size() > kMaxParameters) {
        fail(node, "the weights are too large");
    }
    plan_.packedSize += packing.size();
    if (!weights.parameter.empty()) {
        plan_.packedParameters.push_back({weights.parameter, packing});
        return packing;
    }
    const ValueRef unpacked = refOf(weights);
    addStep(unpacked, {},
            [packing, unpacked](const PlanMemory& m) { packing.pack(m.data(unpacked), m.packed); });
    return packing;
}

EvaluatedKernels PlanBuilder::placeKernels(const Node& node, const PlanValue& weights,
                                           EvaluatedKernels kernels) {
    constexpr std::size_t kLine = 16;  // floats
    const std::size_t blocks = (kernels.rows + kernels.rowBlock - 1) / kernels.rowBlock;
    const std::size_t floats = blocks * kernels.rowBlock * kernels.channels;
    kernels.pointStep = ((floats + kLine - 1) / kLine | 1) * kLine;
    kernels.values = (plan_.packedSize + kLine - 1) / kLine * kLine;
    kernels.weights = kernels.values + kernels.groups * kernels.points() * kernels.pointStep;
    if (kernels.size() > kMaxParameters) fail(node, "the weights are too large");
    plan_.packedSize = kernels.values + kernels.size();
    plan_.evaluatedParameters.push_back({weights.parameter, kernels});
    return kernels;
}

void PlanBuilder::mergeResidual(const Node& node, std::size_t i, ValueRef more) {
    Epilogue& epilogue = *values_.at(node.input(i)).epilogue;
    epilogue.residual = more;
    buffers_.read(more.at, epilogue.step);
}

void PlanBuilder::mergePool(const Node& node, PooledRows pooled, const Shape& shape,
                            std::size_t elements) {
    const PlanValue& from = values_.at(node.input(0));
    const std::shared_ptr<Epilogue> epilogue = from.epilogue;
    buffers_.shrink(from.at, elements);
    pooled.output = define(node, 0, shape, false);
    buffers_.write(pooled.output.at, epilogue->step);
    epilogue->pooled = pooled;
}

void PlanBuilder::packIntegers(const Node& node, Plan::IntegerParameter parameter,
                               std::size_t words) {
    if (words > kMaxParameters) fail(node, "the weights are too large");
    plan_.packedSize += words;
    plan_.integerParameters.push_back(std::move(parameter));
}

PlanValue& PlanBuilder::defineScratch(const Node& node, const Shape& shape, std::int64_t planes,
                                      std::int64_t planeStep) {
    const ValueRef ref = scratch(node, {planes, planeStep}, false);
    PlanValue value;
    value.shape = shape;
    value.at = ref.at;
    return values_[node.outputs.at(0)] = value;
}

ValueRef PlanBuilder::definePairs(const Node& node, const Shape& shape, const PairLayout& layout) {
    PlanValue& value = defineScratch(node, shape, layout.planes(), layout.planeStep());
    value.pairs = std::make_shared<const PairLayout>(layout);
    return {false, value.at};
}

ValueRef PlanBuilder::defineBits(const Node& node, const Shape& shape, const BitLayout& layout) {
    PlanValue& value = defineScratch(node, shape, layout.planes(), layout.positions());
    value.bitLayout = std::make_shared<const BitLayout>(layout);
    return {false, value.at};
}

void PlanBuilder::addStep(ValueRef output, const std::vector<ValueRef>& uses, Step step) {
    if (output.uniform) {
        plan_.uniformSteps.push_back(std::move(step));
        return;
    }
    const std::size_t now = plan_.steps.size();
    buffers_.write(output.at, now);
    for (ValueRef ref : uses) {
        if (!ref.uniform) buffers_.read(ref.at, now);
    }
    plan_.steps.push_back(std::move(step));
}

void PlanBuilder::refuseRead(const Node& node, std::size_t output, const std::string& what) const {
    if (isRead(node, output)) fail(node, what + " is not supported");
}

bool PlanBuilder::isRead(const Node& node, std::size_t output) const {
    if (output >= node.outputs.size()) return false;
    const auto found = readers_.find(node.outputs[output]);
    return found != readers_.end() && found->second > 0;
}

bool PlanBuilder::readOnce(const std::string& name) const {
    auto found = readers_.find(name);
    return found != readers_.end() && found->second == 1;
}

bool PlanBuilder::mayMerge(const Node& node, std::size_t i) const {
    const PlanValue& value = input(node, i);
    return value.epilogue != nullptr && !value.epilogue->clamped && readOnce(node.input(i));
}

void PlanBuilder::countMacs(std::uint64_t macs, const std::string& weights) {
    macs_ += macs;
    macWeights_ = weights;
}

void PlanBuilder::countProduct(const ProductShape& product, const std::string& weights) {
    countMacs(product.macs(), weights);
    products_.push_back(product);
}

bool PlanBuilder::nest(ValueRef inner, ValueRef outer, std::size_t offset, std::size_t elements) {
    return !inner.uniform && !outer.uniform && buffers_.nest(inner.at, outer.at, offset, elements);
}

const PlanValue* PlanBuilder::find(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
}

}  // namespace brownout
