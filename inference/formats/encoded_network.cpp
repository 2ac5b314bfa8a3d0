#include "inference/formats/encoded_network.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "base/fingerprint.h"
#include "inference/graph/constant_folding.h"
#include "inference/graph/weight_equalization.h"

namespace brownout {

namespace {

/// The use of a parameter: the operator that computes with it, and the axis of its output channels
/// if it has one (negative: from the last).
struct Use {
    const Node* node;
    TensorRole role;
    std::optional<std::int64_t> channelAxis;
    bool multiplies = false;  ///< true if activations are multiplied by it, as it is or after sums
};

/// Returns the role of input `i` of `node`; nothing if it is a setting of the operator and can't be
/// stored.
std::optional<TensorRole> roleOf(const Node& node, std::size_t i) {
    if (node.op == "Conv" || node.op == "Gemm" || node.op == "ConvTranspose") {
        return i == 2 ? TensorRole::kBias : TensorRole::kWeight;
    }
    if (node.op == "MatMul") {
        return TensorRole::kWeight;
    }
    if (node.op == "BatchNormalization" || node.op == "InstanceNormalization" ||
        node.op == "LayerNormalization" || node.op == "GroupNormalization" ||
        node.op == "RMSNormalization") {
        return TensorRole::kNormalization;
    }
    if (node.op == "Add" || node.op == "Sub" || node.op == "Mul" || node.op == "Div") {
        return TensorRole::kNormalization;
    }
    static const std::set<std::string> kSettings = {
        "Clip",  "Pad",      "Dropout",      "Cast",           "CastLike",         "Resize",
        "Quant", "IntQuant", "BipolarQuant", "QuantizeLinear", "DequantizeLinear", "Trunc",
        "Pow",   "Upsample"};
    if (kSettings.count(node.op) != 0) return std::nullopt;
    return TensorRole::kOther;
}

/// Returns the axis of the output channels in weights that are input `i` of `node`.
std::optional<std::int64_t> channelAxisOf(const Node& node, std::size_t i) {
    if (node.op == "Conv" && i == 1) return 0;
    if (node.op == "ConvTranspose" && i == 1) return 1;
    if (node.op == "Gemm" && i == 1) return node.intOr("transB", 0) != 0 ? 0 : 1;
    if (node.op == "Gemm" && i == 0) return node.intOr("transA", 0) != 0 ? 1 : 0;
    if (node.op == "MatMul") return i == 1 ? -1 : -2;
    return std::nullopt;
}

/// Returns where an axis of a moved tensor was before the move; nothing if it can't be told.
std::optional<std::int64_t> axisBefore(const Node& move, std::optional<std::int64_t> axis) {
    if (!axis || move.op == "Identity" || move.op == "Cast") return axis;
    if (move.op != "Transpose") return std::nullopt;
    const std::vector<std::int64_t> order = move.intsOr("perm", {});
    if (order.empty()) return -1 - *axis;  // reversed
    const auto rank = static_cast<std::int64_t>(order.size());
    const std::int64_t at = *axis < 0 ? *axis + rank : *axis;
    if (at < 0 || at >= rank) return std::nullopt;
    return order[static_cast<std::size_t>(at)];
}

/// Tells whether input `i` of a node multiplies its other inputs.
bool multipliesOthers(const Node& node, std::size_t i, TensorRole role) {
    if (role != TensorRole::kNormalization) return role == TensorRole::kWeight;
    if (node.op == "BatchNormalization") return i == 1 || i == 4;
    if (node.op == "Mul" || node.op == "Div") return true;
    return node.op != "Add" && node.op != "Sub" && i == 1;
}

/// Returns the first use of every value that has one, seen through operators that only move it.
std::unordered_map<std::string, Use> usesOf(const Network& network) {
    std::unordered_map<std::string, Use> uses;
    const std::unordered_set<std::string> constants = constantsOf(network);
    // Backwards, so that the use of a moved value is known and earlier readers overwrite later
    // ones.
    for (auto node = network.nodes.rbegin(); node != network.nodes.rend(); ++node) {
        for (std::size_t i = node->inputs.size(); i-- > 0;) {
            if (isMove(node->op) && i == 0) {
                const auto moved = uses.find(node->outputs.at(0));
                if (moved == uses.end()) continue;
                Use use = moved->second;
                use.channelAxis = axisBefore(*node, use.channelAxis);
                uses.insert_or_assign(node->inputs[i], use);
            } else if (const auto role = roleOf(*node, i)) {
                Use use{&*node, *role,
                        *role == TensorRole::kWeight ? channelAxisOf(*node, i) : std::nullopt};
                const std::string& result = node->outputs.at(0);
                const auto later = uses.find(result);
                use.multiplies = constants.count(result) == 0
                                     ? multipliesOthers(*node, i, *role)
                                     : later != uses.end() && later->second.multiplies;
                uses.insert_or_assign(node->inputs[i], use);
            }
        }
    }
    return uses;
}

/// Returns the values of a parameter with the channels that its use gives it.
TensorValues valuesOf(const FloatTensor& tensor, const Use& use) {
    TensorValues values{tensor.values};
    const auto rank = static_cast<std::int64_t>(tensor.shape.size());
    const std::int64_t axis =
        use.channelAxis ? *use.channelAxis + (*use.channelAxis < 0 ? rank : 0) : rank;
    if (rank < 2 || axis < 0 || axis >= rank) return values;
    values.channels = static_cast<std::size_t>(tensor.shape[static_cast<std::size_t>(axis)]);
    values.channelStep = elementCount({tensor.shape.begin() + axis + 1, tensor.shape.end()});
    return values;
}

void refuseNotFinite(const FloatTensor& tensor, const std::string& place) {
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        if (std::isfinite(tensor.values[i])) continue;
        throw Error(place, "value " + std::to_string(i) + " is " +
                               (std::isnan(tensor.values[i]) ? "not a number" : "infinite"));
    }
}

/// Returns the names of the float parameters in the order in which the nodes read them.
std::vector<std::string> parametersInOrder(const Network& network) {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const Node& node : network.nodes) {
        for (const std::string& name : node.inputs) {
            if (network.parameters.count(name) != 0 && seen.insert(name).second) {
                names.push_back(name);
            }
        }
    }
    return names;
}

/// Chooses the tensors to store, with their values, and those that multiply activations and aren't
/// stored. Throws Error if there is nothing to store.
std::vector<StoredTensor> chosenTensors(const Network& graph, const NumberFormat& format,
                                        StoreScope scope, std::vector<TensorValues>& values,
                                        std::vector<UnstoredFactor>& unstored) {
    std::vector<StoredTensor> tensors;
    const auto uses = usesOf(graph);
    for (const std::string& name : parametersInOrder(graph)) {
        const auto use = uses.find(name);
        const FloatTensor& parameter = graph.parameters.at(name);
        if (use == uses.end() || parameter.values.empty()) continue;
        if (scope == StoreScope::kWeights && use->second.role != TensorRole::kWeight) {
            const Node& node = *use->second.node;
            if (use->second.multiplies) {
                unstored.push_back({name, node.name, node.op, parameter.values.size()});
            }
            continue;
        }
        StoredTensor tensor;
        tensor.name = name;
        tensor.node = use->second.node->name;
        tensor.op = use->second.node->op;
        tensor.role = use->second.role;
        tensor.shape = parameter.shape;
        values.push_back(valuesOf(parameter, use->second));
        const auto fromFile = graph.fileCodes.find(name);
        if (fromFile != graph.fileCodes.end()) values.back().file = &fromFile->second;
        tensor.bits = format.bitsOf(values.back());
        tensors.push_back(std::move(tensor));
    }
    if (tensors.empty()) throw Error(graph.file, "the network has no parameters to store");
    return tensors;
}

}  // namespace

StoreScope storeScopeNamed(const std::string& name) {
    if (name == "weights") {
        return StoreScope::kWeights;
    }
    if (name == "parameters") {
        return StoreScope::kParameters;
    }
    throw Error("store", "'" + name + "' is not known, expected weights or parameters");
}

std::string nameOf(StoreScope scope) {
    return scope == StoreScope::kWeights ? "weights" : "parameters";
}

const char* toString(TensorRole role) {
    switch (role) {
        case TensorRole::kWeight:
            return "weight";
        case TensorRole::kBias:
            return "bias";
        case TensorRole::kNormalization:
            return "normalization";
        case TensorRole::kOther:
            break;
    }
    return "other";
}

std::string describe(const std::vector<UnstoredFactor>& factors) {
    if (factors.empty()) return "";
    constexpr std::size_t kMostNames = 4;
    std::size_t values = 0;
    std::size_t bits = 0;
    std::string names;
    for (std::size_t i = 0; i < factors.size(); ++i) {
        values += factors[i].values;
        bits += factors[i].bits();
        if (i < kMostNames) names += (i == 0 ? "" : ", ") + factors[i].name;
    }
    if (factors.size() > kMostNames) {
        names += ", and " + std::to_string(factors.size() - kMostNames) + " more";
    }
    return "not stored, so never failing, though they multiply activations: " + names + " (" +
           std::to_string(values) + " values, " + std::to_string(bits) +
           " bits; --store parameters stores them)";
}

std::vector<StoredTensor> tensorsToStore(const Network& graph, const NumberFormat& format,
                                         StoreScope scope) {
    std::vector<TensorValues> values;
    std::vector<UnstoredFactor> unstored;
    return chosenTensors(graph, format, scope, values, unstored);
}

EncodedNetwork::EncodedNetwork(Network graph, std::shared_ptr<const NumberFormat> format,
                               StoreScope scope) {
    if (format->equalizes()) graph = withEqualizedWeights(std::move(graph));
    auto state = std::make_shared<State>();
    state->format = std::move(format);
    state->scope = scope;
    std::vector<TensorValues> values;
    state->tensors = chosenTensors(graph, *state->format, scope, values, state->unstored);
    for (const StoredTensor& tensor : state->tensors) {
        refuseNotFinite(graph.parameters.at(tensor.name),
                        graph.file + ": parameter '" + tensor.name + "'");
    }
    const auto fitted = state->format->fit(values);
    for (std::size_t t = 0; t < fitted.size(); ++t) {
        StoredTensor& tensor = state->tensors[t];
        tensor.format = fitted[t];
        tensor.codes.resize(values[t].values.size());
        fitted[t]->encode(values[t].values, tensor.codes);
    }
    state->graph = std::move(graph);
    state_ = std::move(state);
}

bool EncodedNetwork::bounded() const {
    return std::all_of(state_->tensors.begin(), state_->tensors.end(),
                       [](const StoredTensor& tensor) { return tensor.format->bounded(); });
}

std::size_t EncodedNetwork::codeCount() const {
    std::size_t count = 0;
    for (const StoredTensor& tensor : state_->tensors) count += tensor.codes.size();
    return count;
}

std::optional<std::uint32_t> EncodedNetwork::codeBits() const {
    const std::uint32_t bits = state_->tensors.front().bits;
    for (const StoredTensor& tensor : state_->tensors) {
        if (tensor.bits != bits) return std::nullopt;
    }
    return bits;
}

std::size_t EncodedNetwork::bitCount() const {
    std::size_t count = 0;
    for (const StoredTensor& tensor : state_->tensors) count += tensor.codes.size() * tensor.bits;
    return count;
}

EncodedNetwork EncodedNetwork::withUnstored(const std::map<std::string, FloatTensor>& parameters,
                                            const std::string& what) const {
    for (const StoredTensor& tensor : state_->tensors) {
        if (parameters.count(tensor.name) != 0) {
            throw Error(state_->graph.file + ": parameter '" + tensor.name + "'", "is stored");
        }
    }
    auto state = std::make_shared<State>(*state_);
    for (const auto& [name, tensor] : parameters) {
        const auto found = state->graph.parameters.find(name);
        if (found == state->graph.parameters.end() || found->second.shape != tensor.shape) {
            throw Error(state->graph.file + ": parameter '" + name + "'", "has another shape");
        }
        found->second = tensor;
    }
    state->graph.fingerprint += ", " + what;
    EncodedNetwork changed(*this);
    changed.state_ = std::move(state);
    return changed;
}

std::string EncodedNetwork::fingerprint() const {
    return brownout::fingerprint(state_->graph.fingerprint + ", " + state_->format->name() + ", " +
                                 nameOf(state_->scope));
}

}  // namespace brownout
