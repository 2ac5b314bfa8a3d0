#include "inference/graph/bit_regions.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "inference/formats/encoded_network.h"
#include "inference/graph/bit_folding.h"
#include "inference/graph/bit_patterns.h"
#include "inference/graph/constant_folding.h"
#include "inference/graph/integer_products.h"
#include "inference/graph/node_order.h"
#include "inference/plan/builder.h"

namespace brownout {

namespace {

using Attributes = std::map<std::string, AttributeValue>;
using Ints = std::vector<std::int64_t>;

/// A value that is there as bits.
struct Bits {
    std::string name;  ///< of the bits
    float scale = 1;   ///< value of a 1
};

/// The network in the making.
class BitRegions {
 public:
    BitRegions(const Network& network, const EncodedNetwork* encoded)
        : patterns_(network, encoded),
          encoded_(encoded),
          network_(network),
          constants_(constantsOf(network)) {}

    Network rewritten() {
        done_.resize(network_.nodes.size());
        for (std::size_t n = 0; n < network_.nodes.size(); ++n) {
            if (done_[n]) continue;
            node_ = &network_.nodes[n];
            if (!rewrite(*node_)) keep(*node_);
        }
        for (const Port& output : network_.outputs) toFloats(output.name);
        if (!changed_) return network_;
        Network result = network_;
        result.nodes = std::move(nodes_);
        for (auto& [name, codes] : codes_) result.fileCodes[name] = std::move(codes);
        removeUnread(result);
        return result;
    }

    const std::vector<BitLayerInfo>& layers() const { return layers_; }

 private:
    bool rewrite(const Node& node) {
        if (node.outputs.empty() || constants_.count(node.outputs[0]) != 0) return false;
        if (node.op == "BipolarQuant") return sign(node);
        if (const auto coding = bytesOf(patterns_, node)) {
            bytes_[node.outputs[0]] = *coding;
            return false;
        }
        if (node.op == "Conv" || node.op == "Gemm" || node.op == "MatMul") return product(node);
        if (node.op == "MaxPool") return pool(node);
        if (node.op == "Pad") return pad(node);
        if (node.op == "Flatten" || node.op == "Reshape" || node.op == "Squeeze" ||
            node.op == "Unsqueeze" || node.op == "Identity" || node.op == "Dropout") {
            return reshape(node);
        }
        return false;
    }

    // --- Emitting.

    void emit(const std::string& op, const std::vector<std::string>& inputs,
              const std::string& output, Attributes attributes) {
        Node made;
        made.name = node_->name;
        made.op = op;
        made.inputs = inputs;
        made.outputs = {output};
        made.attributes = std::move(attributes);
        made.attributes[kNodeNumber] = number();
        made.file = node_->file;
        nodes_.push_back(std::move(made));
    }
    std::string defineBits(const std::string& value, float scale) {
        bits_[value] = {value + "\nbits", scale};
        return bits_[value].name;
    }
    void keep(const Node& node) {
        for (const std::string& input : node.inputs) toFloats(input);
        nodes_.push_back(node);
        nodes_.back().attributes[kNodeNumber] = number();
    }
    std::int64_t number() const {
        return node_->intOr(kNodeNumber, static_cast<std::int64_t>(node_ - network_.nodes.data()));
    }
    void toFloats(const std::string& name) {
        const Bits* bits = bitsAt(name);
        if (bits == nullptr || !floats_.insert(name).second) return;
        emit("BitValue", {bits->name}, name, {{"scale", bits->scale}});
    }
    const Bits* bitsAt(const std::string& name) const {
        const auto found = bits_.find(name);
        return found == bits_.end() ? nullptr : &found->second;
    }

    // --- Operators.

    bool sign(const Node& node) {
        const std::optional<float> scale = patterns_.scalarOf(node.input(1));
        if (!scale || !(*scale > 0) || !std::isfinite(*scale) ||
            patterns_.isStored(node.input(1)) || !patterns_.isPlane(node.outputs[0]) ||
            !isWanted(node.outputs[0])) {
            return false;
        }
        toFloats(node.inputs[0]);
        emit("BitSign", {node.inputs[0]}, defineBits(node.outputs[0], *scale), {});
        return true;
    }

    /// Returns whether a product reads a value, perhaps behind nodes that move or choose elements.
    bool isWanted(const std::string& value) const {
        const auto& readers = patterns_.readersOf(value);
        return std::any_of(readers.begin(), readers.end(), [&](std::size_t n) {
            const Node& reader = network_.nodes[n];
            if (reader.input(0) != value) return false;
            if (bitProductOf(patterns_, encoded_, reader)) return true;
            static const std::set<std::string> kPassing = {"MaxPool",  "Pad",     "Flatten",
                                                           "Reshape",  "Squeeze", "Unsqueeze",
                                                           "Identity", "Dropout"};
            return kPassing.count(reader.op) != 0 && isWanted(reader.outputs.at(0));
        });
    }

    bool product(const Node& node) {
        const Bits* bits = bitsAt(node.input(0));
        const auto bytes = bytes_.find(node.input(0));
        if (bits == nullptr && bytes == bytes_.end()) return false;
        auto product = bitProductOf(patterns_, encoded_, node);
        if (!product || !patterns_.isPlane(node.outputs[0])) return false;
        const bool ofBytes = bits == nullptr;
        constexpr std::int64_t kMostSum = std::int64_t{1} << 24;  // floats hold all whole numbers
        WholeSums sums;
        sums.most = product->operands * (ofBytes ? bytes->second.most() : 1);
        sums.oneParity = !ofBytes && !product->padded;
        if (sums.most > kMostSum || (ofBytes && !fitsAsBytes(node, *product))) return false;
        if (ofBytes && std::get<std::int64_t>(attributeOr(*product, "groups", 1)) != 1)
            return false;
        for (const float scale : product->weights.scales) {
            sums.units.push_back((ofBytes ? bytes->second.scale : bits->scale) * scale);
            if (!std::isfinite(sums.units.back()) || !(sums.units.back() > 0)) return false;
        }
        if (!product->bias.empty()) sums.bias = patterns_.floatsOf(product->bias)->values;
        if (ofBytes) {
            product->attributes["byte_scale"] = bytes->second.scale;
            product->attributes["byte_signed"] = std::int64_t{bytes->second.isSigned ? 1 : 0};
            product->attributes["byte_low"] = bytes->second.low;
            product->attributes["byte_high"] = bytes->second.high;
        }
        std::vector<std::string> inputs = {ofBytes ? node.inputs[0] : bits->name,
                                           product->weights.parameter};
        if (ofBytes && !bytes->second.unrounded.empty()) inputs[0] = bytes->second.unrounded;
        if (ofBytes) toFloats(inputs[0]);
        if (!withSigns(node, *product, inputs, sums)) {
            // Sums of bytes are floats in the file already: there is nothing to gain.
            if (ofBytes) return false;
            withFloats(node, *product, inputs, sums);
        }
        const std::string& parameter = product->weights.parameter;
        if (!product->weights.codes.codes.empty()) codes_[parameter] = product->weights.codes;
        changed_ = true;
        return true;
    }

    /// Returns whether the bytes that a product sums over may be laid side by side for each place.
    bool fitsAsBytes(const Node& node, const BitProduct& product) const {
        constexpr std::size_t kMostBytes = std::size_t{1} << 22;
        const Shape& shape = *patterns_.shapeOf(node.outputs[0]);
        const std::size_t places = elementCount(shape) / product.weights.scales.size();
        return places * static_cast<std::size_t>(product.operands) <= kMostBytes;
    }

    static AttributeValue attributeOr(const BitProduct& product, const std::string& name,
                                      std::int64_t fallback) {
        const auto found = product.attributes.find(name);
        return found == product.attributes.end() ? AttributeValue(fallback) : found->second;
    }

    void describe(const Node& node, const BitProduct& product, const WholeSums& sums,
                  const std::string& value, std::vector<std::int64_t> thresholds) {
        const auto transposed = attributeOr(product, "transposed", 1);
        layers_.push_back({node.name, product.weights.parameter,
                           std::get<std::int64_t>(transposed) != 0,
                           static_cast<std::int64_t>(sums.units.size()), product.operands,
                           product.attributes.count("byte_scale") != 0, node.inputs[0], value,
                           sums.units, sums.bias, std::move(thresholds)});
    }

    /// Adds a product with its signs as thresholds. Returns false where that can't be.
    bool withSigns(const Node& node, const BitProduct& product,
                   const std::vector<std::string>& inputs, const WholeSums& sums) {
        const auto tail = signTailOf(patterns_, node.outputs[0]);
        if (!tail || !isWanted(tail->result)) return false;
        std::optional<Attributes> pool;
        if (tail->pool) {
            pool = integerPoolOf(patterns_, network_.nodes[tail->nodes[*tail->pool]]);
            if (!pool) return false;
        }
        auto folded = foldSigns(patterns_, node.outputs[0], *tail, sums);
        if (!folded) return false;
        const bool poolsSums = tail->pool == std::size_t{0};
        describe(node, product, sums,
                 poolsSums ? network_.nodes[tail->nodes[0]].outputs[0] : node.outputs[0],
                 folded->thresholds);
        Attributes attributes = product.attributes;
        attributes["thresholds"] = std::move(folded->thresholds);
        attributes["inverted"] = pool ? folded->beforePool : folded->afterPool;
        const std::string result = defineBits(tail->result, tail->scale);
        const std::string sums0 = pool ? node.outputs[0] + "\nbits" : result;
        emit("BitProduct", inputs, sums0, std::move(attributes));
        if (pool) {
            (*pool)["inverted"] = std::move(folded->afterPool);
            const Node* const of = node_;
            node_ = &network_.nodes[tail->nodes[*tail->pool]];
            emit("BitPool", {sums0}, result, std::move(*pool));
            node_ = of;
        }
        for (const std::size_t n : tail->nodes) done_[n] = true;
        return true;
    }

    /// Adds a product whose sums are floats.
    void withFloats(const Node& node, BitProduct& product, const std::vector<std::string>& inputs,
                    const WholeSums& sums) {
        describe(node, product, sums, node.outputs[0], {});
        product.attributes["units"] = sums.units;
        const bool biased = !product.bias.empty();
        const std::string result = biased ? node.outputs[0] + "\nsums" : node.outputs[0];
        emit("BitProduct", inputs, result, product.attributes);
        if (!biased) return;
        // A summand of channels has their axis first.
        Ints shape(patterns_.shapeOf(node.outputs[0])->size() - 1, 1);
        shape[0] = static_cast<std::int64_t>(sums.units.size());
        const std::string bias = node.outputs[0] + "\nbias";
        emit("Constant", {}, bias, {{"value", FloatTensor{shape, sums.bias}}});
        emit("Add", {result, bias}, node.outputs[0], {});
    }

    bool pool(const Node& node) {
        const Bits* bits = bitsAt(node.input(0));
        if (bits == nullptr || !isWanted(node.outputs[0])) return false;
        auto attributes = integerPoolOf(patterns_, node);
        if (!attributes) return false;
        const Bits from = *bits;
        emit("BitPool", {from.name}, defineBits(node.outputs[0], from.scale), *attributes);
        return true;
    }

    bool pad(const Node& node) {
        const Bits* bits = bitsAt(node.input(0));
        const Shape* shape = patterns_.shapeOf(node.input(0));
        if (bits == nullptr || !isWanted(node.outputs[0]) ||
            node.textOr("mode", "constant") != "constant" || shape->size() < 3) {
            return false;
        }
        const auto known = network_.integers.find(node.input(1));
        const Ints pads =
            known != network_.integers.end() ? known->second.values : node.intsOr("pads", {});
        const std::optional<float> given =
            node.input(2).empty() ? node.floatOr("value", 0.0F) : patterns_.scalarOf(node.input(2));
        const std::size_t rank = shape->size();
        if (pads.size() != 2 * rank || !given || std::abs(*given) != bits->scale ||
            node.inputs.size() > 3 || *std::min_element(pads.begin(), pads.end()) < 0 ||
            pads[0] != 0 || pads[1] != 0 || pads[rank] != 0 || pads[rank + 1] != 0) {
            return false;
        }
        const Ints around =
            rank == 3 ? Ints{0, pads[2], 0, pads[5]} : Ints{pads[2], pads[3], pads[6], pads[7]};
        const Bits from = *bits;
        emit("BitPad", {from.name}, defineBits(node.outputs[0], from.scale),
             {{"pads", around}, {"plus", std::int64_t{*given > 0 ? 1 : 0}}});
        return true;
    }

    bool reshape(const Node& node) {
        const auto bytes = bytes_.find(node.input(0));
        if (bytes != bytes_.end()) {
            // Moved as floats: bytes are made where they are multiplied.
            ByteCoding coding = bytes->second;
            coding.unrounded.clear();  // has another shape
            bytes_[node.outputs[0]] = std::move(coding);
            return false;
        }
        const Bits* bits = bitsAt(node.input(0));
        const Shape* from = patterns_.shapeOf(node.input(0));
        if (bits == nullptr || from == nullptr || !patterns_.isPlane(node.outputs[0])) return false;
        const Shape& to = *patterns_.shapeOf(node.outputs[0]);
        const bool flattens = to == Shape{1, static_cast<std::int64_t>(elementCount(*from))};
        if (to != *from && !flattens) return false;
        const Bits same = *bits;
        emit("BitMove", {same.name}, defineBits(node.outputs[0], same.scale), {{"shape", to}});
        return true;
    }

    Patterns patterns_;
    const EncodedNetwork* encoded_;
    const Network& network_;
    std::unordered_set<std::string> constants_;
    std::map<std::string, Bits> bits_;
    std::map<std::string, ByteCoding> bytes_;  ///< values that are bytes
    std::map<std::string, FileCodes> codes_;   ///< of weights that have none in the file
    std::unordered_set<std::string> floats_;   ///< values of bits that are there as floats
    std::vector<BitLayerInfo> layers_;
    std::vector<Node> nodes_;
    std::vector<bool> done_;
    const Node* node_ = nullptr;  ///< the node that is rewritten
    bool changed_ = false;
};

bool takesSigns(const Network& network) {
    return std::any_of(network.nodes.begin(), network.nodes.end(), [](const Node& node) {
        return node.op == "BipolarQuant" || node.op == "Sign";
    });
}

bool mayHaveBits(const Network& network, const EncodedNetwork* encoded) {
    if (!takesSigns(network)) return false;
    return encoded == nullptr || encoded->format().integers() || encoded->format().bits() == 1;
}

}  // namespace

Network withBitRegions(const Network& network, const EncodedNetwork* encoded) {
    if (!mayHaveBits(network, encoded)) return network;
    return BitRegions(network, encoded).rewritten();
}

std::vector<BitLayerInfo> bitLayersOf(const Network& network, const EncodedNetwork* encoded) {
    if (!mayHaveBits(network, encoded)) return {};
    BitRegions regions(network, encoded);
    regions.rewritten();
    return regions.layers();
}

bool isBitOperator(const std::string& op) {
    return op.size() > 3 && op.compare(0, 3, "Bit") == 0 && op != "BitShift" &&
           op.compare(0, 7, "Bitwise") != 0;
}

void noteLostBits(Network& network) {
    const bool hasBits = std::any_of(network.fileCodes.begin(), network.fileCodes.end(),
                                     [](const auto& named) { return named.second.bipolar; });
    if (!hasBits || !takesSigns(network)) return;
    std::set<std::string> signs;  // values that depend on one
    std::set<std::string> lost;
    try {
        const Network rewritten = withBitRegions(network, nullptr);
        for (const Node& node : rewritten.nodes) {
            const bool isSign =
                node.op == "BipolarQuant" || node.op == "Sign" || isBitOperator(node.op);
            const bool behind = std::any_of(node.inputs.begin(), node.inputs.end(),
                                            [&](const auto& name) { return signs.count(name); });
            if (isSign || behind) signs.insert(node.outputs.begin(), node.outputs.end());
            if (behind && (node.op == "Conv" || node.op == "Gemm" || node.op == "MatMul") &&
                network.fileCodes.count(node.input(1)) != 0 &&
                network.fileCodes.at(node.input(1)).bipolar && signs.count(node.input(0)) != 0) {
                lost.insert(network.place(node));
            }
        }
    } catch (const Error&) {
        return;  // What can't be planned is reported where it is to be run.
    }
    if (lost.empty()) return;
    network.notes.push_back(
        *lost.begin() +
        ": has weights of one bit, but activations that may be other than plus "
        "or minus one: computed in floats" +
        (lost.size() > 1 ? ", as are " + std::to_string(lost.size() - 1) + " more nodes" : ""));
}

}  // namespace brownout
