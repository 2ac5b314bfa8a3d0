#include "inference/graph/integer_regions.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "inference/formats/encoded_network.h"
#include "inference/graph/constant_folding.h"
#include "inference/graph/integer_patterns.h"
#include "inference/graph/integer_products.h"
#include "inference/graph/node_order.h"
#include "inference/plan/builder.h"

namespace brownout {

namespace {

using Attributes = std::map<std::string, AttributeValue>;

/// Largest step of a product's sum, in steps of the result, for which a bias may be rounded.
constexpr float kMostBiasStep = 1.0F / 16;

/// A value that is there as pairs: its codes less their zero point.
struct Pairs {
    std::string name;  ///< of the pairs
    CodeRange range;   ///< scale 1 for the codes themselves, which stand for code - 0
    bool codes = false;
};

/// The network in the making.
class Regions {
 public:
    Regions(const Network& network, const EncodedNetwork* encoded)
        : patterns_(network, encoded), network_(network), constants_(constantsOf(network)) {}

    Network rewritten() {
        done_.resize(network_.nodes.size());
        for (std::size_t n = 0; n < network_.nodes.size(); ++n) {
            if (done_[n]) continue;
            node_ = &network_.nodes[n];
            if (!rewrite(*node_)) keep(*node_);
        }
        for (const Port& output : network_.outputs) {
            node_ = nullptr;
            toFloats(output.name);
        }
        if (!changed_) return network_;
        Network result = network_;
        result.nodes = std::move(nodes_);
        removeUnread(result);
        giveBorders(result);
        return result;
    }

 private:
    bool rewrite(const Node& node) {
        if (node.outputs.size() != 1 || constants_.count(node.outputs[0]) != 0) return false;
        if (node.op == "QuantizeLinear") return quantize(node);
        if (node.op == "DequantizeLinear") return dequantize(node);
        if (node.op == "Conv" || node.op == "Gemm" || node.op == "MatMul") return product(node);
        if (node.op == "Add") return add(node);
        if (node.op == "MaxPool" || node.op == "AveragePool" || node.op == "GlobalAveragePool") {
            return pool(node);
        }
        if (node.op == "Concat") return concatenate(node);
        if (node.op == "Flatten" || node.op == "Reshape" || node.op == "Squeeze" ||
            node.op == "Unsqueeze" || node.op == "Identity" || node.op == "Dropout") {
            return reshape(node);
        }
        if (node.op == "Relu" || node.op == "Clip") return clamp(node);
        return false;
    }

    // --- Emitting.

    /// Adds a node that makes pairs of `result`, and says so.
    void emit(const std::string& op, std::vector<std::string> inputs, const std::string& result,
              const CodeRange& range, Attributes attributes) {
        attributes["low"] = range.lowest();
        attributes["high"] = range.highest();
        const std::string name = result + "\npairs";
        nodes_.push_back(nodeOf(op, std::move(inputs), name, std::move(attributes)));
        changed_ = true;
    }
    Node nodeOf(const std::string& op, std::vector<std::string> inputs, const std::string& output,
                Attributes attributes) const {
        Node made;
        made.name = node_ != nullptr ? node_->name : output;
        made.op = op;
        made.inputs = std::move(inputs);
        made.outputs = {output};
        made.attributes = std::move(attributes);
        made.attributes[kNodeNumber] = number();
        if (node_ != nullptr) made.file = node_->file;
        return made;
    }
    /// Says that the codes `name` are there as pairs.
    void defineCodes(const std::string& name, CodeRange range) {
        pairs_[name] = {name + "\npairs", range, true};
    }
    /// Says that `name` is the value of pairs.
    void defineValue(const std::string& name, const std::string& pairs, const CodeRange& range) {
        pairs_[name] = {pairs, range, false};
    }

    /// Adds a node as it is; makes floats of the pairs that it reads.
    void keep(const Node& node) {
        for (const std::string& input : node.inputs) toFloats(input);
        nodes_.push_back(node);
        nodes_.back().attributes[kNodeNumber] = number();
    }
    /// Returns the number of the node that is rewritten, or that of the last one.
    std::int64_t number() const {
        return static_cast<std::int64_t>(node_ != nullptr ? node_ - network_.nodes.data()
                                                          : network_.nodes.size() - 1);
    }
    void toFloats(const std::string& name) {
        const auto found = pairs_.find(name);
        if (found == pairs_.end() || !floats_.insert(name).second) return;
        const Pairs& pairs = found->second;
        const float shift = pairs.codes ? static_cast<float>(pairs.range.zero) : 0.0F;
        nodes_.push_back(
            nodeOf("IntegerDequantize", {pairs.name}, name,
                   {{"scale", pairs.codes ? 1.0F : pairs.range.scale}, {"shift", shift}}));
    }

    /// Returns the pairs that input `i` of a node is the value of, null for floats.
    const Pairs* valueAt(const Node& node, std::size_t i) const { return in(node.input(i), false); }
    const Pairs* codesAt(const Node& node, std::size_t i) const { return in(node.input(i), true); }
    const Pairs* in(const std::string& name, bool codes) const {
        const auto found = pairs_.find(name);
        return found != pairs_.end() && found->second.codes == codes ? &found->second : nullptr;
    }
    void finish(const Tail& tail) {
        for (std::size_t n : tail.nodes) done_[n] = true;
        defineCodes(tail.result, tail.range);
    }

    // --- Operators.

    bool quantize(const Node& node) {
        const std::optional<CodeRange> range = patterns_.quantizes(node);
        if (!range) return false;
        if (const Pairs* value = valueAt(node, 0)) {
            const CodeRange& from = value->range;
            if (from.scale == range->scale && from.zero == range->zero && from.low >= range->low &&
                from.high <= range->high) {
                pairs_[node.outputs[0]] = {value->name, from, true};  // the codes themselves
                return true;
            }
            rescale(*value, node.outputs[0], *range);
        } else {
            toFloats(node.inputs[0]);
            emit("IntegerQuantize", {node.inputs[0]}, node.outputs[0], *range,
                 {{"scale", range->scale}, {"shift", 0.0F}});
        }
        defineCodes(node.outputs[0], *range);
        return true;
    }

    /// Makes codes of another scale or zero point of a value.
    void rescale(const Pairs& value, const std::string& result, const CodeRange& range) {
        emit("IntegerAdd", {value.name}, result, range,
             {{"left_scale", value.range.scale}, {"output_scale", range.scale}});
    }

    bool dequantize(const Node& node) {
        const std::optional<CodeRange> range = patterns_.dequantizes(node);
        if (!range) return false;
        const Pairs* codes = codesAt(node, 0);
        if (codes == nullptr) return dequantizeInput(node, *range);
        if (codes->range.zero != range->zero) return false;
        CodeRange value = codes->range;
        value.scale = range->scale;
        defineValue(node.outputs[0], codes->name, value);
        return true;
    }

    /// Bytes that are the network's input are codes already.
    bool dequantizeInput(const Node& node, const CodeRange& range) {
        const auto& inputs = network_.inputs;
        const auto port = std::find_if(inputs.begin(), inputs.end(), [&node](const Port& input) {
            return input.name == node.inputs[0] && input.bytes;
        });
        if (port == inputs.end() || range.zero < 0 || range.zero > 255) return false;
        emit("IntegerQuantize", {node.inputs[0]}, node.outputs[0], range,
             {{"scale", 1.0F}, {"shift", static_cast<float>(range.zero)}});
        defineValue(node.outputs[0], node.outputs[0] + "\npairs", range);
        return true;
    }

    bool product(const Node& node) {
        const Pairs* x = valueAt(node, 0);
        if (x == nullptr) return false;
        std::optional<IntegerProduct> product = integerProductOf(patterns_, node, x->range);
        if (!product) return false;
        const std::optional<Tail> tail = patterns_.tailOf(node.outputs[0]);
        float largestStep = 0;
        for (float& unit : product->units) {
            if (tail) largestStep = std::max(largestStep, unit / tail->range.scale);
            if (!std::isfinite(tail ? unit / tail->range.scale : unit)) return false;
        }
        std::vector<std::string> inputs = {x->name, node.inputs[1]};
        if (!node.input(2).empty()) {
            const bool mayRound = tail && largestStep <= kMostBiasStep;
            auto bias = patterns_.biasOf(node.inputs[2], product->units, mayRound);
            if (!bias) return false;
            product->attributes["bias"] = std::move(*bias);
            if (network_.parameters.count(node.inputs[2]) != 0) inputs.push_back(node.inputs[2]);
        }
        std::vector<float> factors = product->units;
        if (tail) {
            for (float& factor : factors) factor /= tail->range.scale;
            product->attributes["factors"] = std::move(factors);
            emit("IntegerProduct", inputs, tail->result, tail->range, product->attributes);
            finish(*tail);
            return true;
        }
        product->attributes["factors"] = std::move(factors);
        product->attributes["floats"] = std::int64_t{1};
        product->attributes["winograd"] = std::int64_t{0};
        nodes_.push_back(nodeOf("IntegerProduct", inputs, node.outputs[0], product->attributes));
        changed_ = true;
        return true;
    }

    bool add(const Node& node) {
        const Pairs* left = valueAt(node, 0);
        const Pairs* right = valueAt(node, 1);
        if (left == nullptr || right == nullptr) return false;
        const Shape& shape = *patterns_.shapeOf(node.outputs[0]);
        const std::optional<Tail> tail = patterns_.tailOf(node.outputs[0]);
        if (!tail || *patterns_.shapeOf(node.inputs[0]) != shape ||
            *patterns_.shapeOf(node.inputs[1]) != shape) {
            return false;
        }
        emit("IntegerAdd", {left->name, right->name}, tail->result, tail->range,
             {{"left_scale", left->range.scale},
              {"right_scale", right->range.scale},
              {"output_scale", tail->range.scale}});
        finish(*tail);
        return true;
    }

    bool pool(const Node& node) {
        const bool average = node.op != "MaxPool";
        const Pairs* value = valueAt(node, 0);
        const Pairs* codes = average ? nullptr : codesAt(node, 0);
        const Pairs* x = value != nullptr ? value : codes;
        if (x == nullptr) return false;
        std::optional<Attributes> attributes = integerPoolOf(patterns_, node);
        if (!attributes) return false;
        if (!average) {
            sameCodes(node, *x, "IntegerPool", *attributes);
            return true;
        }
        const std::optional<Tail> tail = patterns_.tailOf(node.outputs[0]);
        if (!tail) return false;
        (*attributes)["input_scale"] = x->range.scale;
        (*attributes)["output_scale"] = tail->range.scale;
        emit("IntegerPool", {x->name}, tail->result, tail->range, *attributes);
        finish(*tail);
        return true;
    }

    /// Adds a node that moves or chooses codes: its result has the scale of what it reads.
    void sameCodes(const Node& node, const Pairs& x, const std::string& op,
                   const Attributes& attributes) {
        const Pairs from = x;
        emit(op, {from.name}, node.outputs[0], from.range, attributes);
        pairs_[node.outputs[0]] = {node.outputs[0] + "\npairs", from.range, from.codes};
    }

    bool reshape(const Node& node) {
        const Pairs* value = valueAt(node, 0);
        const Pairs* x = value != nullptr ? value : codesAt(node, 0);
        if (x == nullptr || !patterns_.isPlane(node.outputs[0])) return false;
        sameCodes(node, *x, "IntegerMove",
                  {{"axis", std::int64_t{-1}}, {"shape", *patterns_.shapeOf(node.outputs[0])}});
        return true;
    }

    bool concatenate(const Node& node) {
        if (!patterns_.isPlane(node.outputs[0])) return false;
        const Shape shape = *patterns_.shapeOf(node.outputs[0]);
        std::int64_t axis = node.intOr("axis", 1);
        if (axis < 0) axis += static_cast<std::int64_t>(shape.size());
        std::optional<Tail> tail = patterns_.tailOf(node.outputs[0]);
        std::vector<Pairs> values;
        for (const std::string& input : node.inputs) {
            const Pairs* value = in(input, false);
            if (value == nullptr) return false;
            values.push_back(*value);
        }
        const auto sameAs = [](const CodeRange& a) {
            return
                [&a](const Pairs& b) { return b.range.scale == a.scale && b.range.zero == a.zero; };
        };
        CodeRange range = values.at(0).range;
        if (std::all_of(values.begin(), values.end(), sameAs(range))) {
            for (const Pairs& value : values) {
                range.low = std::min(range.low, value.range.low);
                range.high = std::max(range.high, value.range.high);
            }
            tail.reset();
        } else if (tail) {
            range = tail->range;
        } else {
            return false;
        }
        std::vector<std::string> inputs;
        for (std::size_t i = 0; i < values.size(); ++i) {
            inputs.push_back(values[i].name);
            if (!tail) continue;
            const std::string scaled = node.outputs[0] + "\n" + std::to_string(i);
            rescale(values[i], scaled, range);
            inputs.back() = scaled + "\npairs";
        }
        emit("IntegerMove", inputs, tail ? tail->result : node.outputs[0], range,
             {{"axis", axis}, {"shape", shape}});
        if (tail) {
            finish(*tail);
        } else {
            defineValue(node.outputs[0], node.outputs[0] + "\npairs", range);
        }
        return true;
    }

    /// Relu and Clip between values and codes, or of codes.
    bool clamp(const Node& node) {
        if (const Pairs* value = valueAt(node, 0)) {
            const std::optional<Tail> tail = patterns_.tailOf(node.inputs[0]);
            if (!tail) return false;
            rescale(*value, tail->result, tail->range);
            finish(*tail);
            return true;
        }
        const Pairs* codes = codesAt(node, 0);
        if (codes == nullptr || node.op != "Clip") return false;
        CodeRange range = codes->range;
        if (!patterns_.clipCodes(node, range)) return false;
        emit("IntegerAdd", {codes->name}, node.outputs[0], range,
             {{"left_scale", 1.0F}, {"output_scale", 1.0F}});
        defineCodes(node.outputs[0], range);
        return true;
    }

    Patterns patterns_;
    const Network& network_;
    std::unordered_set<std::string> constants_;
    std::map<std::string, Pairs> pairs_;
    std::unordered_set<std::string> floats_;  ///< values of pairs that are there as floats
    std::vector<Node> nodes_;
    std::vector<bool> done_;
    const Node* node_ = nullptr;  ///< the node that is rewritten
    bool changed_ = false;
};

bool quantizesActivations(const Network& network) {
    return std::any_of(network.nodes.begin(), network.nodes.end(), [](const Node& node) {
        return node.op == "QuantizeLinear" || node.op == "DequantizeLinear";
    });
}

}  // namespace

Network withIntegerRegions(const Network& network, const EncodedNetwork* encoded) {
    if (network.fileCodes.empty() || !quantizesActivations(network)) return network;
    if (encoded != nullptr && !encoded->format().integers()) return network;
    Network rewritten = Regions(network, encoded).rewritten();
    return hasIntegerRegions(rewritten) ? rewritten : network;
}

bool isIntegerOperator(const std::string& op) {
    static const std::set<std::string> kOperators = {"IntegerAdd", "IntegerMove", "IntegerPool",
                                                     "IntegerProduct", "IntegerQuantize"};
    return kOperators.count(op) != 0;
}

bool hasIntegerRegions(const Network& network) {
    return std::any_of(network.nodes.begin(), network.nodes.end(),
                       [](const Node& node) { return node.op == "IntegerProduct"; });
}

}  // namespace brownout
