#include "inference/graph/integer_operators.h"

#include <algorithm>

namespace brownout {
namespace {

/// The nodes that take the place of one.
class Lowering {
 public:
    Lowering(const Node& node, std::vector<Node>& nodes) : node_(node), nodes_(nodes) {}

    const std::string& input(std::size_t i) const { return node_.input(i); }

    /// Adds a node and returns the name of its result.
    std::string add(const std::string& op, const std::vector<std::string>& inputs,
                    std::map<std::string, AttributeValue> attributes = {}) {
        const std::string name = nextName();
        nodes_.push_back({node_.name, op, inputs, {name}, std::move(attributes), node_.file});
        return name;
    }
    /// Adds the node that makes the result.
    void finish(const std::string& op, const std::vector<std::string>& inputs,
                std::map<std::string, AttributeValue> attributes = {}) {
        nodes_.push_back(
            {node_.name, op, inputs, node_.outputs, std::move(attributes), node_.file});
    }
    /// Adds a constant that nobody trained.
    std::string constant(FloatTensor tensor) {
        return add("Constant", {}, {{"value", std::move(tensor)}});
    }

    /// Returns the values of the codes that input `i` has, `axis` being that of its channels.
    std::string dequantized(std::size_t i, const std::string& scale, const std::string& zero,
                            std::int64_t axis) {
        std::vector<std::string> inputs = {input(i), scale};
        if (!zero.empty()) inputs.push_back(zero);
        return add("DequantizeLinear", inputs, {{"axis", axis}});
    }

    /// Returns the values of a bias of 32 bits, whose scale is the product of two others.
    std::string bias(std::size_t i, const std::string& scale, const std::string& otherScale) {
        return dequantized(i, add("Mul", {scale, otherScale}), "", 0);
    }

 private:
    std::string nextName() {
        // A line break: no exporter has it in names.
        return node_.outputs.at(0) + "\n" + std::to_string(next_++);
    }

    const Node& node_;
    std::vector<Node>& nodes_;
    int next_ = 0;
};

void lowerQLinearConv(Lowering& parts, const Node& node) {
    std::vector<std::string> inputs = {parts.dequantized(0, parts.input(1), parts.input(2), 1),
                                       parts.dequantized(3, parts.input(4), parts.input(5), 0)};
    if (!parts.input(8).empty()) {
        inputs.push_back(parts.bias(8, parts.input(1), parts.input(4)));
    }
    const std::string sum = parts.add("Conv", inputs, node.attributes);
    parts.finish("QuantizeLinear", {sum, parts.input(6), parts.input(7)});
}

void lowerQLinearMatMul(Lowering& parts, const Node& /*node*/) {
    const std::string left = parts.dequantized(0, parts.input(1), parts.input(2), -2);
    const std::string right = parts.dequantized(3, parts.input(4), parts.input(5), -1);
    const std::string product = parts.add("MatMul", {left, right});
    parts.finish("QuantizeLinear", {product, parts.input(6), parts.input(7)});
}

/// ConvInteger and MatMulInteger: the values are the codes less their zero points.
void lowerInteger(Lowering& parts, const Node& node) {
    const bool convolution = node.op == "ConvInteger";
    const std::string one = parts.constant({{}, {1.0F}});
    const std::string left = parts.dequantized(0, one, parts.input(2), convolution ? 1 : -2);
    const std::string right = parts.dequantized(1, one, parts.input(3), convolution ? 0 : -1);
    parts.finish(convolution ? "Conv" : "MatMul", {left, right}, node.attributes);
}

}  // namespace

const std::vector<std::string>& integerOperators() {
    static const std::vector<std::string> kOperators = {"ConvInteger", "MatMulInteger",
                                                        "QLinearConv", "QLinearMatMul"};
    return kOperators;
}

void lowerIntegerOperators(Network& network) {
    std::vector<Node> nodes;
    nodes.reserve(network.nodes.size());
    for (Node& node : network.nodes) {
        const std::vector<std::string>& known = integerOperators();
        if (!std::binary_search(known.begin(), known.end(), node.op)) {
            nodes.push_back(std::move(node));
            continue;
        }
        Lowering parts(node, nodes);
        if (node.op == "QLinearConv") {
            lowerQLinearConv(parts, node);
        } else if (node.op == "QLinearMatMul") {
            lowerQLinearMatMul(parts, node);
        } else {
            lowerInteger(parts, node);
        }
    }
    network.nodes = std::move(nodes);
}

}  // namespace brownout
