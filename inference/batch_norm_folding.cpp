#include <algorithm>
#include <cmath>

#include "inference/model.h"

namespace brownout {

namespace {

std::size_t readersOf(const Model& model, const std::string& name) {
    std::size_t count = 0;
    for (const Node& node : model.nodes) {
        count += static_cast<std::size_t>(std::count(node.inputs.begin(), node.inputs.end(), name));
    }
    for (const Port& output : model.outputs) {
        count += output.name == name ? 1 : 0;
    }
    return count;
}

const FloatTensor* parameterOf(const Model& model, const std::string& name) {
    auto found = model.parameters.find(name);
    return found == model.parameters.end() ? nullptr : &found->second;
}

/// s = scale / sqrt(variance + epsilon) and offset - mean s, by channel; empty if not all are
/// known.
struct ChannelLine {
    std::vector<double> factor, summand;
};

ChannelLine lineOf(const Model& model, const Node& norm) {
    const FloatTensor* scale = parameterOf(model, norm.input(1));
    const FloatTensor* offset = parameterOf(model, norm.input(2));
    const FloatTensor* mean = parameterOf(model, norm.input(3));
    const FloatTensor* variance = parameterOf(model, norm.input(4));
    ChannelLine line;
    if (scale == nullptr || offset == nullptr || mean == nullptr || variance == nullptr ||
        offset->values.size() != scale->values.size() ||
        mean->values.size() != scale->values.size() ||
        variance->values.size() != scale->values.size()) {
        return line;
    }
    const double epsilon = norm.floatOr("epsilon", 1e-5F);
    for (std::size_t c = 0; c < scale->values.size(); ++c) {
        const double factor = scale->values[c] / std::sqrt(variance->values[c] + epsilon);
        line.factor.push_back(factor);
        line.summand.push_back(offset->values[c] - mean->values[c] * factor);
    }
    return line;
}

bool isInferenceForm(const Model& model, const Node& norm) {
    return norm.op == "BatchNormalization" && norm.outputs.size() == 1 &&
           norm.intOr("training_mode", 0) == 0 && norm.intOr("spatial", 1) == 1 &&
           (model.opset >= 7 || norm.intOr("is_test", 0) == 1);
}

/// Folds `norm` into `product`; false where that isn't possible, and then nothing has changed.
bool fold(Model& model, Node& product, const Node& norm) {
    if (product.op != "Conv" && product.op != "Gemm") {
        return false;
    }
    const ChannelLine line = lineOf(model, norm);
    const FloatTensor* weights = parameterOf(model, product.input(1));
    const bool hasBias = !product.input(2).empty();
    const FloatTensor* bias = hasBias ? parameterOf(model, product.input(2)) : nullptr;
    const std::size_t channels = line.factor.size();
    const bool byColumn = product.op == "Gemm" && product.intOr("transB", 0) == 0;
    if (channels == 0 || weights == nullptr || weights->shape.size() < 2 ||
        readersOf(model, product.input(1)) != 1 || (hasBias && bias == nullptr) ||
        (hasBias && (readersOf(model, product.input(2)) != 1 ||
                     bias->shape != Shape{static_cast<std::int64_t>(channels)})) ||
        product.floatOr("alpha", 1.0F) != 1.0F || product.floatOr("beta", 1.0F) != 1.0F ||
        static_cast<std::size_t>(weights->shape[byColumn ? 1 : 0]) != channels ||
        !std::all_of(line.factor.begin(), line.factor.end(),
                     [](double s) { return std::isfinite(s); })) {
        return false;
    }
    std::vector<double> newBias = line.summand;
    for (std::size_t c = 0; hasBias && c < channels; ++c) {
        newBias[c] += bias->values[c] * line.factor[c];
    }
    FloatTensor& folded = model.parameters[product.input(1)];
    const std::size_t run = folded.values.size() / channels;
    for (std::size_t i = 0; i < folded.values.size(); ++i) {
        const std::size_t channel = byColumn ? i % channels : i / run;
        folded.values[i] = static_cast<float>(folded.values[i] * line.factor[channel]);
    }
    // A bias of its own, or else under the name of the offset that it comes from.
    std::string name = hasBias ? product.input(2) : norm.input(2);
    while (!hasBias && readersOf(model, name) > 1) {
        name += ".folded";
    }
    FloatTensor& target = model.parameters[name];
    target.shape = {static_cast<std::int64_t>(channels)};
    target.values.assign(newBias.begin(), newBias.end());
    product.inputs.resize(3);
    product.inputs[2] = name;
    product.outputs[0] = norm.outputs[0];
    return true;
}

}  // namespace

Model foldBatchNormalization(Model model) {
    for (std::size_t i = 0; i < model.nodes.size();) {
        const Node norm = model.nodes[i];
        bool folded = false;
        if (isInferenceForm(model, norm) && readersOf(model, norm.input(0)) == 1) {
            auto product = std::find_if(
                model.nodes.begin(), model.nodes.end(),
                [&norm](const Node& node) { return node.outputs.at(0) == norm.input(0); });
            folded = product != model.nodes.end() && fold(model, *product, norm);
        }
        if (!folded) {
            ++i;
            continue;
        }
        model.nodes.erase(model.nodes.begin() + static_cast<std::ptrdiff_t>(i));
        for (std::size_t input = 1; input < norm.inputs.size(); ++input) {
            if (readersOf(model, norm.inputs[input]) == 0) {
                model.parameters.erase(norm.inputs[input]);
            }
        }
    }
    return model;
}

}  // namespace brownout
