#include "inference/activations/stored_values.h"

#include <map>

#include "inference/plan/builder.h"

namespace brownout {
namespace {

std::string storedName(const std::string& value) { return value + " as stored"; }

std::int64_t attribute(std::uint64_t value) { return static_cast<std::int64_t>(value); }

/// Returns the node that stores a tensor of activations.
Node activationNode(const std::string& value, std::size_t tensor, const ActivationCodes& codes) {
    Node node;
    node.name = storedName(value);
    node.op = "StoredActivation";
    node.inputs = {value};
    node.outputs = {storedName(value)};
    node.attributes = {{"tensor", attribute(tensor)},
                       {"scale", codes.scale},
                       {"zero", codes.zero},
                       {"low", codes.low},
                       {"high", codes.high},
                       {"bits", attribute(codes.bits)},
                       {"signed", attribute(codes.isSigned ? 1 : 0)},
                       {"signs", attribute(codes.signs ? 1 : 0)}};
    return node;
}

/// Returns the node that stores the sums of a product and makes its result. The product makes
/// another value instead.
Node sumNode(Node& product, const StoredSum& sum) {
    Node node = product;
    const std::string result = product.outputs.at(0);
    product.outputs[0] = result + " as summed";
    node.name = product.name + " in accumulators";
    node.op = "StoredSums";
    node.inputs = {product.input(0), product.input(1), product.outputs[0]};
    node.outputs = {result};
    node.attributes["product"] = product.op;
    node.attributes["groups"] = attribute(sum.groups);
    node.attributes["positions"] = attribute(sum.positions);
    node.attributes["filters"] = attribute(sum.filters);
    node.attributes["depth"] = attribute(sum.depth);
    node.attributes["fold"] = attribute(sum.foldDepth);
    node.attributes["tile"] = attribute(sum.tile);
    node.attributes["bits"] = attribute(sum.bits);
    node.attributes["tensor"] = attribute(sum.firstTensor);
    if (!sum.isFloat()) node.attributes["steps"] = sum.steps;
    return node;
}

}  // namespace

Network withStoredValues(const Network& network, const StoredValues& values) {
    Network rewritten = network;
    std::map<std::string, std::size_t> numbers;
    for (std::size_t i = 0; i < values.activations.tensors.size(); ++i) {
        numbers[values.activations.tensors[i].value] = i;
    }
    std::map<std::string, const StoredSum*> sums;
    for (const StoredSum& sum : values.sums.products) sums[sum.value] = &sum;
    std::vector<Node> nodes;
    const auto add = [&](Node node, std::size_t number) {
        node.attributes[kNodeNumber] = attribute(number);
        nodes.push_back(std::move(node));
    };
    const auto store = [&](const std::string& value, std::size_t number) {
        const auto found = numbers.find(value);
        if (found == numbers.end()) return;
        const ActivationCodes& codes = values.activations.tensors[found->second].codes;
        add(activationNode(value, found->second, codes), number);
    };
    for (const Port& input : network.inputs) store(input.name, 0);
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
        Node node = network.nodes[n];
        for (std::string& input : node.inputs) {
            if (numbers.count(input) != 0) input = storedName(input);
        }
        const auto sum = sums.find(node.outputs.at(0));
        if (sum == sums.end()) {
            add(node, n);
        } else {
            const Node stored = sumNode(node, *sum->second);
            add(node, n);
            add(stored, n);
        }
        for (const std::string& output : network.nodes[n].outputs) store(output, n);
    }
    rewritten.nodes = std::move(nodes);
    return rewritten;
}

}  // namespace brownout
