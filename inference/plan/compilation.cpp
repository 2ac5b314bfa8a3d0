// From the nodes of a network to a plan: all nodes in order, what each costs, and from which step
// on each parameter has an effect.

#include <algorithm>

#include "base/error.h"
#include "inference/plan/builder.h"

namespace brownout {

namespace {

constexpr std::size_t kMaxActivationBytes = std::size_t{4} << 30;

}  // namespace

Plan PlanBuilder::build(const std::vector<Shape>& inputShapes) {
    if (graph_.nodes.size() > kMaxNodes) {
        throw Error(graph_.file, "has " + std::to_string(graph_.nodes.size()) +
                                     " nodes, more than the " + std::to_string(kMaxNodes) +
                                     " allowed");
    }
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
        const Port& port = graph_.inputs[i];
        Node asNode;
        asNode.name = port.name;
        asNode.op = "input";
        asNode.outputs = {port.name};
        const ValueRef ref = define(asNode, 0, inputShapes.at(i), false);
        values_.at(port.name).whole = port.whole;
        buffers_.fillBefore(ref.at);
        plan_.inputs.push_back({port.name, inputShapes[i], ref});
    }
    compileNodes();
    for (const Port& output : graph_.outputs) {
        const PlanValue* made = find(output.name);
        if (made == nullptr) {
            throw Error(graph_.file, "output '" + output.name.substr(0, 200) + "' has no value");
        }
        const bool integers = made->kind == PlanValue::Kind::kInteger;
        const ValueRef ref =
            integers ? constant({made->integers.begin(), made->integers.end()}) : refOf(*made);
        if (!ref.uniform) buffers_.read(ref.at, Buffers::kEnd);
        plan_.outputs.push_back({output.name, made->shape, ref});
    }
    return finish();
}

void PlanBuilder::compilePart(const Node& part) {
    const CompileNode compile = compilerOf(part.op);
    if (compile == nullptr) fail(part, "the operator is not supported");
    compile(*this, part);
}

/// Notes from which step on the parameters that a node reads have an effect: from the next one, or
/// from an earlier one that the node may be merged into. What is computed from parameters may then
/// be read there, too.
void PlanBuilder::noteReads(const Node& node) {
    std::size_t step = plan_.steps.size();
    bool readsComputed = false;
    for (const std::string& name : node.inputs) {
        const PlanValue* value = find(name);
        if (value == nullptr) continue;
        if (value->epilogue != nullptr) step = std::min(step, value->epilogue->step);
        readsComputed = readsComputed || (value->uniform() && value->parameter.empty());
    }
    // Noted in the order of their steps.
    for (auto noted = noted_.rbegin(); readsComputed && noted != noted_.rend(); ++noted) {
        std::size_t& first = plan_.firstSteps.at(*noted);
        if (first <= step) break;
        first = step;
    }
    for (const std::string& name : node.inputs) {
        const PlanValue* value = find(name);
        if (value == nullptr || value->parameter.empty()) continue;
        const auto [known, isNew] = plan_.firstSteps.try_emplace(value->parameter, step);
        known->second = std::min(known->second, step);
        if (isNew) noted_.push_back(value->parameter);
    }
}

void PlanBuilder::compileNodes() {
    std::int64_t next = 0;
    for (const Node& node : graph_.nodes) {
        macs_ = 0;
        macWeights_.clear();
        products_.clear();
        noteReads(node);
        compilePart(node);
        const PlanValue* made = find(node.outputs.at(0));
        plan_.costs.push_back({node.name,
                               node.op,
                               made != nullptr ? made->shape : Shape(),
                               macs_,
                               macWeights_,
                               plan_.steps.size(),
                               toSize(node.intOr(kNodeNumber, next++)),
                               made == nullptr || made->kind == PlanValue::Kind::kActivation,
                               products_,
                               {}});
        for (const std::string& output : node.outputs) {
            const PlanValue* value = find(output);
            plan_.costs.back().outputElements.push_back(
                value == nullptr ? 0 : elementCount(value->shape));
        }
    }
}

Plan PlanBuilder::finish() {
    buffers_.place(plan_);
    const std::size_t bytes =
        plan_.activationElements * sizeof(float) * static_cast<std::size_t>(plan_.kernels->lanes);
    if (bytes > kMaxActivationBytes) {
        throw Error(graph_.file, "the activations of " + std::to_string(plan_.kernels->lanes) +
                                     " images need " + std::to_string(bytes >> 20) +
                                     " MiB, more than the " +
                                     std::to_string(kMaxActivationBytes >> 20) + " MiB allowed");
    }
    return std::move(plan_);
}

Plan makePlan(const Network& network, const std::vector<Shape>& inputShapes,
              const kernels::Kernels& kernels, Summation summation) {
    PlanBuilder builder(network, kernels, summation);
    return builder.build(inputShapes);
}

}  // namespace brownout
