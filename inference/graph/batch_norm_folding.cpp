#include "inference/graph/batch_norm_folding.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "inference/graph/readers.h"

namespace brownout {

namespace {

const FloatTensor* parameterOf(const Network& network, const std::string& name) {
    auto found = network.parameters.find(name);
    return found == network.parameters.end() ? nullptr : &found->second;
}

/// s = scale / sqrt(variance + epsilon) and offset - mean s, by channel; empty if not all are
/// known.
struct ChannelLine {
    std::vector<double> factor, summand;
};

ChannelLine lineOf(const Network& network, const Node& norm) {
    const FloatTensor* scale = parameterOf(network, norm.input(1));
    const FloatTensor* offset = parameterOf(network, norm.input(2));
    const FloatTensor* mean = parameterOf(network, norm.input(3));
    const FloatTensor* variance = parameterOf(network, norm.input(4));
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

bool isInferenceForm(const Network& network, const Node& norm) {
    return norm.op == "BatchNormalization" && norm.outputs.size() == 1 &&
           norm.intOr("training_mode", 0) == 0 && norm.intOr("spatial", 1) == 1 &&
           (network.opset >= 7 || norm.intOr("is_test", 0) == 1);
}

/// Folds `norm` into `product`; false where that isn't possible, and then nothing has changed.
bool fold(Network& network, Readers& readers, Node& product, const Node& norm) {
    if (product.op != "Conv" && product.op != "Gemm") {
        return false;
    }
    const ChannelLine line = lineOf(network, norm);
    const FloatTensor* weights = parameterOf(network, product.input(1));
    const bool hasBias = !product.input(2).empty();
    const FloatTensor* bias = hasBias ? parameterOf(network, product.input(2)) : nullptr;
    const std::size_t channels = line.factor.size();
    const bool byColumn = product.op == "Gemm" && product.intOr("transB", 0) == 0;
    if (channels == 0 || weights == nullptr || weights->shape.size() < 2 ||
        network.fileCodes.count(product.input(1)) != 0 || readers.of(product.input(1)) != 1 ||
        (hasBias && bias == nullptr) ||
        (hasBias && (readers.of(product.input(2)) != 1 ||
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
    FloatTensor& folded = network.parameters[product.input(1)];
    const std::size_t run = folded.values.size() / channels;
    for (std::size_t i = 0; i < folded.values.size(); ++i) {
        const std::size_t channel = byColumn ? i % channels : i / run;
        folded.values[i] = static_cast<float>(folded.values[i] * line.factor[channel]);
    }
    // A bias of its own, or else under the name of the offset that it comes from.
    std::string name = hasBias ? product.input(2) : norm.input(2);
    while (!hasBias && readers.of(name) > 1) {
        name += ".folded";
    }
    FloatTensor& target = network.parameters[name];
    target.shape = {static_cast<std::int64_t>(channels)};
    target.values.assign(newBias.begin(), newBias.end());
    product.inputs.resize(3);
    product.inputs[2] = name;
    if (!hasBias) readers.add(name);
    product.outputs[0] = norm.outputs[0];
    return true;
}

}  // namespace

Network foldBatchNormalization(Network network) {
    Readers readers(network);
    std::unordered_map<std::string, std::size_t> makers;  // places in `kept` by first output
    std::vector<Node> kept;
    for (Node& node : network.nodes) {
        const auto maker = makers.find(node.input(0));
        const bool folded = maker != makers.end() && isInferenceForm(network, node) &&
                            readers.of(node.input(0)) == 1 &&
                            fold(network, readers, kept[maker->second], node);
        if (!folded) {
            makers[node.outputs.at(0)] = kept.size();
            kept.push_back(std::move(node));
            continue;
        }
        makers[node.outputs[0]] = maker->second;
        for (const std::string& input : node.inputs) readers.remove(input);
        for (std::size_t i = 1; i < node.inputs.size(); ++i) {
            if (readers.of(node.inputs[i]) == 0) network.parameters.erase(node.inputs[i]);
        }
    }
    network.nodes = std::move(kept);
    return network;
}

}  // namespace brownout
