#include "inference/activations/stored_activations.h"

#include <algorithm>
#include <map>
#include <optional>
#include <variant>

#include "base/error.h"
#include "inference/layer_shapes.h"
#include "inference/plan/plan.h"
#include "inference/plan/quantization.h"

namespace brownout {
namespace {

bool quantizes(const std::string& op) {
    return op == "QuantizeLinear" || op == "Quant" || op == "IntQuant" || op == "BipolarQuant";
}

/// Returns the only value of a parameter or constant. Throws Error naming the node if it has
/// several.
float onlyValueOf(const Network& network, const Node& node, std::size_t i) {
    const auto only = [](const auto& tensor) -> std::optional<float> {
        if (tensor.values.size() != 1) return std::nullopt;
        return static_cast<float>(tensor.values[0]);
    };
    std::optional<float> value;
    const std::string& name = node.input(i);
    const auto found = network.parameters.find(name);
    if (found != network.parameters.end()) value = only(found->second);
    const auto whole = network.integers.find(name);
    if (whole != network.integers.end()) value = only(whole->second);
    for (const Node& constant : network.nodes) {
        if (constant.op != "Constant" || constant.outputs.at(0) != name) continue;
        const auto held = constant.attributes.find("value");
        if (held == constant.attributes.end()) continue;
        if (const auto* floats = std::get_if<FloatTensor>(&held->second)) value = only(*floats);
        if (const auto* integers = std::get_if<IntTensor>(&held->second)) value = only(*integers);
    }
    if (value) return *value;
    throw Error(
        network.place(node),
        "expected one known scale, zero point and width for activations that a memory holds");
}

/// Returns the codes that a quantising node makes. Those of QuantizeLinear are its very results.
ActivationCodes codesOf(const Network& network, const Node& node) {
    QuantizedRange range;
    ActivationCodes codes;
    if (node.op == "BipolarQuant") {
        codes.signs = true;
        codes.bits = 1;
        codes.scale = onlyValueOf(network, node, 1);
        return codes;
    }
    if (node.op == "QuantizeLinear") {
        const auto type = network.integers.find(node.input(2));
        range =
            linearRange(network, node, type != network.integers.end() ? &type->second : nullptr);
    } else {
        range = quantRange(network, node, onlyValueOf(network, node, 3));
        codes.scale = onlyValueOf(network, node, 1);
        codes.zero = onlyValueOf(network, node, 2);
    }
    if (range.bits > 16) {
        throw Error(network.place(node), "has " + std::to_string(range.bits) +
                                             " bits; a memory holds activations of at most 16");
    }
    codes.low = static_cast<float>(range.low);
    codes.high = static_cast<float>(range.high);
    codes.bits = range.bits;
    codes.isSigned = range.isSigned;
    return codes;
}

/// The finder of the values that are written to the memory, node by node.
class Finder {
 public:
    Finder(const Network& network, const std::set<std::string>& fused)
        : network_(network),
          fused_(fused),
          plan_(makePlan(network, singleImageShapes(network), kernels::kScalar)) {}

    StoredActivations find() {
        for (const Plan::Endpoint& input : plan_.inputs) {
            add(input.name, input.name, 0, elementCount(input.shape));
        }
        bool quantized = false;
        for (std::size_t n = 0; n < network_.nodes.size(); ++n) {
            const Node& node = network_.nodes[n];
            if (!plan_.costs.at(n).activation) continue;
            quantized = quantized || quantizes(node.op);
            read(node, n);
            write(node, n);
        }
        return select(quantized);
    }

 private:
    struct Value {
        StoredActivation stored;
        std::size_t maker = 0;
        std::vector<std::size_t> readers;  ///< numbers of nodes, counted from 0
    };

    void add(const std::string& name, const std::string& layer, std::size_t written,
             std::size_t elements) {
        root_[name] = values_.size();
        Value value;
        value.stored.value = name;
        value.stored.layer = layer;
        value.stored.elements = elements;
        value.stored.written = value.stored.lastRead = written;
        values_.push_back(std::move(value));
    }

    void read(const Node& node, std::size_t n) {
        for (const std::string& input : node.inputs) {
            const auto found = root_.find(input);
            if (found == root_.end()) continue;
            Value& value = values_[found->second];
            value.stored.lastRead = n + 1;
            value.readers.push_back(n);
        }
    }

    /// Names the results of a node: its own, or its input's where it only renames that.
    void write(const Node& node, std::size_t n) {
        const auto from = root_.find(node.input(0));
        if (onlyRenames(node.op) && !quantizes(node.op) && from != root_.end()) {
            root_[node.outputs.at(0)] = from->second;
            return;
        }
        for (std::size_t i = 0; i < node.outputs.size(); ++i) {
            const std::size_t elements = plan_.costs[n].outputElements.at(i);
            if (node.outputs[i].empty() || elements == 0) continue;
            add(node.outputs[i], node.name, n + 1, elements);
            if (!quantizes(node.op)) continue;
            values_.back().stored.codes = codesOf(network_, node);
            values_.back().stored.hasCodes = true;
        }
    }

    /// Tells whether the only reader of a value is applied to it on its way out.
    bool isFusedAway(const Value& value) const {
        if (value.stored.written == 0 || value.readers.size() != 1) return false;
        const Node& reader = network_.nodes[value.readers[0]];
        std::size_t inputs = 0;
        for (const std::string& input : reader.inputs) inputs += root_.count(input);
        const std::size_t maker = value.stored.written - 1;
        return inputs == 1 && fused_.count(reader.op) != 0 &&
               (!plan_.costs[maker].products.empty() ||
                fused_.count(network_.nodes[maker].op) != 0);
    }

    StoredActivations select(bool quantized) const {
        StoredActivations all;
        std::vector<bool> stored;
        std::vector<std::size_t> written;
        for (const Value& value : values_) {
            const bool isRead = !value.readers.empty();
            stored.push_back(isRead && (quantized ? value.stored.hasCodes : !isFusedAway(value)));
            written.push_back(value.stored.written);
            if (value.stored.written > 0) {
                for (const std::string& input : network_.nodes[value.stored.written - 1].inputs) {
                    const auto found = root_.find(input);
                    if (found == root_.end() || stored[found->second]) continue;
                    if (written[found->second] == 0) continue;  // an image from outside
                    written.back() = std::min(written.back(), written[found->second]);
                }
            }
            if (!stored.back()) continue;
            all.tensors.push_back(value.stored);
            all.tensors.back().written = written.back();
        }
        return all;
    }

    const Network& network_;
    const std::set<std::string>& fused_;
    Plan plan_;
    std::vector<Value> values_;
    std::map<std::string, std::size_t> root_;  ///< the value whose elements each name stands for
};

}  // namespace

std::optional<double> StoredActivations::stepOf(const Network& network, std::string value) const {
    double step = 1;
    for (auto node = network.nodes.rbegin();; ++node) {
        const auto found =
            std::find_if(tensors.begin(), tensors.end(),
                         [&](const StoredActivation& tensor) { return tensor.value == value; });
        if (found != tensors.end()) return step * static_cast<double>(found->codes.scale);
        // Nodes come after those that make what they read.
        node = std::find_if(node, network.nodes.rend(), [&](const Node& maker) {
            return std::find(maker.outputs.begin(), maker.outputs.end(), value) !=
                   maker.outputs.end();
        });
        if (node == network.nodes.rend() || !onlyRenames(node->op)) return std::nullopt;
        if (node->op == "DequantizeLinear") {
            step *= static_cast<double>(onlyValueOf(network, *node, 1));
        }
        value = node->input(0);
    }
}

bool StoredActivations::complete() const {
    return std::all_of(tensors.begin(), tensors.end(),
                       [](const StoredActivation& tensor) { return tensor.hasCodes; });
}

StoredActivations activationsToStore(const Network& network, const std::set<std::string>& fused) {
    return Finder(network, fused).find();
}

}  // namespace brownout
