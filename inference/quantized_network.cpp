#include "inference/quantized_network.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/fingerprint.h"

namespace brownout {

namespace {

struct Use {
    const Node* node;
    TensorRole role;
};

bool onlyMoves(const std::string& op) {
    static const std::set<std::string> kMoving = {"Identity", "Reshape",   "Transpose", "Squeeze",
                                                  "Flatten",  "Unsqueeze", "Cast",      "Expand"};
    return kMoving.count(op) != 0;
}

/// What input `i` of `node` is used for; nothing if it is a setting of the operator and can't be
/// stored.
std::optional<TensorRole> roleOf(const Node& node, std::size_t i) {
    if (node.op == "Conv" || node.op == "Gemm") {
        return i == 2 ? TensorRole::kBias : TensorRole::kWeight;
    }
    if (node.op == "MatMul") {
        return TensorRole::kWeight;
    }
    if (node.op == "BatchNormalization" || node.op == "InstanceNormalization") {
        return TensorRole::kNormalization;
    }
    if (node.op == "Add" || node.op == "Sub" || node.op == "Mul" || node.op == "Div") {
        return TensorRole::kNormalization;
    }
    if (node.op == "Clip" || node.op == "Pad" || node.op == "Dropout" || node.op == "Cast") {
        return std::nullopt;
    }
    return TensorRole::kOther;
}

/// The first use of a value, seen through operators that only move it.
std::optional<Use> useOf(const Model& model, const std::string& value, std::size_t first = 0) {
    for (std::size_t n = first; n < model.nodes.size(); ++n) {
        const Node& node = model.nodes[n];
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            if (node.inputs[i] != value) {
                continue;
            }
            if (onlyMoves(node.op) && i == 0) {
                if (auto use = useOf(model, node.outputs.at(0), n + 1)) {
                    return use;
                }
            } else if (auto role = roleOf(node, i)) {
                return Use{&node, *role};
            }
        }
    }
    return std::nullopt;
}

/// Names of the float parameters in the order in which the nodes read them.
std::vector<std::string> parametersInOrder(const Model& model) {
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const Node& node : model.nodes) {
        for (const std::string& name : node.inputs) {
            if (model.parameters.count(name) != 0 && seen.insert(name).second) {
                names.push_back(name);
            }
        }
    }
    return names;
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

std::string nameOf(StoreScope store) {
    return store == StoreScope::kWeights ? "weights" : "parameters";
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

QuantizedNetwork::QuantizedNetwork(Model model, const QuantizerSettings& settings,
                                   StoreScope scope) {
    settings.check();
    auto state = std::make_shared<State>();
    state->settings = settings;
    state->scope = scope;
    std::optional<ValueRange> whole;
    for (const std::string& name : parametersInOrder(model)) {
        const std::optional<Use> use = useOf(model, name);
        const FloatTensor& values = model.parameters.at(name);
        if (!use || values.values.empty() ||
            (scope == StoreScope::kWeights && use->role != TensorRole::kWeight)) {
            continue;
        }
        StoredTensor tensor;
        tensor.name = name;
        tensor.node = use->node->name;
        tensor.op = use->node->op;
        tensor.role = use->role;
        tensor.shape = values.shape;
        tensor.bits = settings.bits;
        const ValueRange range = rangeOf(values.values);
        whole = whole ? unionOf(*whole, range) : range;
        tensor.quantizer = Quantizer(settings, range);
        state->tensors.push_back(std::move(tensor));
    }
    if (state->tensors.empty()) {
        throw Error(model.file, "the network has no parameters to store");
    }
    for (StoredTensor& tensor : state->tensors) {
        if (settings.scope == RangeScope::kNetwork) {
            tensor.quantizer = Quantizer(settings, *whole);
        }
        for (float value : model.parameters.at(tensor.name).values) {
            tensor.codes.push_back(tensor.quantizer.quantize(value));
        }
    }
    state->model = std::move(model);
    state_ = std::move(state);
}

std::size_t QuantizedNetwork::codeCount() const {
    std::size_t count = 0;
    for (const StoredTensor& tensor : state_->tensors) {
        count += tensor.codes.size();
    }
    return count;
}

std::size_t QuantizedNetwork::bitCount() const {
    return codeCount() * static_cast<std::size_t>(state_->settings.bits);
}

std::string QuantizedNetwork::fingerprint() const {
    return brownout::fingerprint(
        state_->model.fingerprint + ", " + state_->settings.toString() + ", " +
        (state_->scope == StoreScope::kWeights ? "weights" : "parameters"));
}

}  // namespace brownout
