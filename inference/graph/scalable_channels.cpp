#include "inference/graph/scalable_channels.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <unordered_map>

#include "inference/graph/readers.h"

namespace brownout {

namespace {

constexpr std::size_t kFixed = ScalableChannels::kFixed;

/// The channels of a value: of axis 1, or, flat, of runs of features of equal length.
struct Value {
    std::vector<std::size_t> channels;
    bool flat = false;
};

/// Operators whose result has each channel's factor.
bool keepsFactors(const std::string& op) {
    static const std::set<std::string> kOperators = {
        "Relu",    "LeakyRelu",   "PRelu",  "Dropout",           "Identity",
        "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool"};
    return kOperators.count(op) != 0;
}

/// Follows channels through a network, node by node.
class Walk {
 public:
    explicit Walk(const Network& network) : network_(network), readers_(network) {
        for (const Node& node : network.nodes) follow(node);
        for (const Port& output : network.outputs) fix(output.name);
    }

    ScalableChannels result() {
        std::vector<std::size_t> numbers(parents_.size(), kFixed);
        std::size_t next = kFixed + 1;
        const auto number = [&](std::size_t& channel) {
            const std::size_t root = rootOf(channel);
            if (root != kFixed && numbers[root] == kFixed) numbers[root] = next++;
            channel = numbers[root];
        };
        for (ScalableLayer& layer : layers_) {
            for (std::size_t& channel : layer.out) number(channel);
            for (std::size_t& channel : layer.in) number(channel);
        }
        return {std::move(layers_), next};
    }

 private:
    std::size_t rootOf(std::size_t channel) {
        while (parents_[channel] != channel) {
            parents_[channel] = parents_[parents_[channel]];
            channel = parents_[channel];
        }
        return channel;
    }

    /// Gives two channels one number; kFixed stays what it is.
    void join(std::size_t a, std::size_t b) {
        a = rootOf(a);
        b = rootOf(b);
        parents_[std::max(a, b)] = std::min(a, b);
    }

    void fix(const std::string& name) {
        const auto value = values_.find(name);
        if (value == values_.end()) return;
        for (const std::size_t channel : value->second.channels) join(channel, kFixed);
    }

    const Value* valueOf(const std::string& name) const {
        const auto value = values_.find(name);
        return value == values_.end() ? nullptr : &value->second;
    }

    std::vector<std::size_t> newChannels(std::size_t count) {
        std::vector<std::size_t> channels(count);
        std::iota(channels.begin(), channels.end(), parents_.size());
        parents_.insert(parents_.end(), channels.begin(), channels.end());
        return channels;
    }

    /// Returns a parameter that only one node reads, null for all else.
    const FloatTensor* ownParameter(const std::string& name) const {
        const auto found = network_.parameters.find(name);
        const bool isOwn = found != network_.parameters.end() && readers_.of(name) == 1;
        return isOwn ? &found->second : nullptr;
    }

    /// Tells whether a node lays all of an image in one row. A Reshape to a number of features may
    /// make several rows of it, whose columns are no channels.
    bool flattens(const Node& node) const {
        if (node.op == "Flatten") return node.intOr("axis", 1) == 1;
        const auto target = network_.integers.find(node.input(1));
        if (node.op != "Reshape" || target == network_.integers.end()) return false;
        const std::vector<std::int64_t>& sizes = target->second.values;
        return sizes.size() == 2 && (sizes[0] == 0 || sizes[0] == 1);
    }

    /// Returns the result of a node whose channels have the factors of its first input, nothing for
    /// other nodes.
    std::optional<Value> passed(const Node& node) const {
        const Value* from = valueOf(node.input(0));
        if (from == nullptr) return std::nullopt;
        if (flattens(node)) return Value{from->channels, true};
        return keepsFactors(node.op) ? std::optional<Value>(*from) : std::nullopt;
    }

    void follow(const Node& node) {
        if ((node.op == "Conv" || node.op == "Gemm") && followLayer(node)) return;
        if (auto made = passed(node)) {
            values_[node.outputs.at(0)] = std::move(*made);
            return;
        }
        if ((node.op == "Add" || node.op == "Sum") && followSum(node)) return;
        if (node.op == "Concat" && followConcat(node)) return;
        for (const std::string& name : node.inputs) fix(name);
    }

    bool followSum(const Node& node) {
        const Value* first = valueOf(node.input(0));
        for (const std::string& name : node.inputs) {
            const Value* other = valueOf(name);
            if (first == nullptr || other == nullptr || other->flat != first->flat ||
                other->channels.size() != first->channels.size()) {
                return false;
            }
        }
        const Value made = *first;
        for (const std::string& name : node.inputs) {
            const std::vector<std::size_t>& channels = valueOf(name)->channels;
            for (std::size_t c = 0; c < channels.size(); ++c) join(made.channels[c], channels[c]);
        }
        values_[node.outputs.at(0)] = made;
        return true;
    }

    bool followConcat(const Node& node) {
        Value made;
        if (node.intOr("axis", 0) != 1) return false;
        for (const std::string& name : node.inputs) {
            const Value* part = valueOf(name);
            if (part == nullptr || part->flat) return false;
            made.channels.insert(made.channels.end(), part->channels.begin(), part->channels.end());
        }
        values_[node.outputs.at(0)] = std::move(made);
        return true;
    }

    /// Returns the sizes of a layer's weights, nothing (rows of 0) if they can't be scaled.
    ScalableLayer layerOf(const Node& node) const {
        ScalableLayer layer;
        const FloatTensor* weights = ownParameter(node.input(1));
        const bool hasBias = !node.input(2).empty();
        const FloatTensor* bias = hasBias ? ownParameter(node.input(2)) : nullptr;
        if (weights == nullptr || weights->shape.size() < 2 || weights->values.empty())
            return layer;
        const bool isGemm = node.op == "Gemm";
        const bool byColumn = isGemm && node.intOr("transB", 0) == 0;
        if (isGemm && node.intOr("transA", 0) != 0) return layer;
        const auto rows = static_cast<std::size_t>(weights->shape[byColumn ? 1 : 0]);
        if (hasBias && (bias == nullptr || bias->values.size() != rows)) return layer;
        layer.weights = node.input(1);
        layer.bias = node.input(2);
        layer.rows = rows;
        layer.groups = isGemm ? 1 : static_cast<std::size_t>(node.intOr("group", 1));
        layer.columns = isGemm ? 1 : static_cast<std::size_t>(weights->shape[1]);
        if (layer.groups == 0 || layer.columns == 0 || rows % layer.groups != 0) return {};
        layer.elements = weights->values.size() / rows / layer.columns;
        layer.step = byColumn ? rows : 1;
        layer.columnStep = layer.elements * layer.step;
        layer.rowStep = byColumn ? 1 : layer.columns * layer.elements;
        return layer;
    }

    bool followLayer(const Node& node) {
        ScalableLayer layer = layerOf(node);
        if (layer.rows == 0) return false;
        const Value* from = valueOf(node.input(0));
        const std::size_t read = from == nullptr ? 0 : from->channels.size();
        if (node.op == "Gemm" && read != 0) {
            // Each channel is a run of features.
            const std::size_t features = layer.elements;
            if (features % read == 0 && (from->flat || features == read)) {
                layer.columns = read;
                layer.elements = features / read;
                layer.columnStep = layer.elements * layer.step;
            }
        }
        if (read != 0 && read == layer.columns * layer.groups) {
            layer.in = from->channels;
        } else {
            fix(node.input(0));
            layer.in.assign(layer.columns * layer.groups, kFixed);
        }
        layer.out = newChannels(layer.rows);
        values_[node.outputs.at(0)] = {layer.out, false};
        layers_.push_back(std::move(layer));
        return true;
    }

    const Network& network_;
    Readers readers_;
    std::unordered_map<std::string, Value> values_;
    std::vector<std::size_t> parents_{kFixed};
    std::vector<ScalableLayer> layers_;
};

}  // namespace

ScalableChannels scalableChannels(const Network& network) { return Walk(network).result(); }

}  // namespace brownout
