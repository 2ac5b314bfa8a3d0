#include "inference/graph/final_softmax.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "inference/plan/plan.h"

namespace brownout {

namespace {

bool keepsOrder(const std::string& op) {
    static const std::set<std::string> kReshaping = {"Identity", "Reshape",   "Flatten",
                                                     "Squeeze",  "Unsqueeze", "Dropout"};
    return kReshaping.count(op) != 0;
}

/// Returns how many values a softmax with a result of this shape divides by the same sum.
std::size_t normalizedTogether(const Node& softmax, const Shape& shape, std::int64_t opset) {
    // Before opset 13 all axes from `axis` on count as one.
    const bool flattens = opset < 13;
    const auto rank = static_cast<std::int64_t>(shape.size());
    std::int64_t axis = softmax.intOr("axis", flattens ? 1 : -1);
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank) return 0;
    const auto begin = shape.begin() + axis;
    return elementCount({begin, flattens ? shape.end() : begin + 1});
}

std::size_t readersOf(const Network& network, const std::string& value) {
    std::size_t count = 0;
    for (const Node& node : network.nodes) {
        count +=
            static_cast<std::size_t>(std::count(node.inputs.begin(), node.inputs.end(), value));
    }
    for (const Port& output : network.outputs) count += output.name == value ? 1 : 0;
    return count;
}

}  // namespace

std::optional<Network> withoutFinalSoftmax(const Network& network) {
    if (network.outputs.empty()) return std::nullopt;
    std::unordered_map<std::string, std::size_t> makers;
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
        for (const std::string& output : network.nodes[n].outputs) makers[output] = n;
    }
    // Back from the output to what isn't a mere change of shape.
    const std::string* value = &network.outputs[0].name;
    std::optional<std::size_t> reader;
    auto maker = makers.find(*value);
    while (maker != makers.end() && keepsOrder(network.nodes[maker->second].op)) {
        reader = maker->second;
        value = &network.nodes[*reader].input(0);
        maker = makers.find(*value);
    }
    if (maker == makers.end()) return std::nullopt;
    const std::size_t at = maker->second;
    const Node& softmax = network.nodes[at];
    if (softmax.op != "Softmax" && softmax.op != "LogSoftmax") return std::nullopt;
    const Plan plan = makePlan(network, singleImageShapes(network), kernels::kScalar);
    const Shape& shape = plan.costs.at(at).output;
    if (normalizedTogether(softmax, shape, network.opset) != elementCount(shape)) {
        return std::nullopt;
    }
    Network scores = network;
    if (reader) {
        scores.nodes[*reader].inputs[0] = softmax.input(0);
    } else {
        scores.outputs[0].name = softmax.input(0);
    }
    if (readersOf(scores, *value) == 0) {
        scores.nodes.erase(scores.nodes.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return scores;
}

}  // namespace brownout
