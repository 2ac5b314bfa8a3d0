#include "inference/activations/bias_correction.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "inference/engines/engine.h"
#include "inference/graph/node_order.h"
#include "inference/graph/readers.h"

namespace brownout {

namespace {

constexpr std::size_t kBatch = 32;

/// A network whose output is the mean error of each channel of some layers, one after the other.
struct Observer {
    Network network;
    std::vector<std::string> biases;  ///< in the order of the output

    void add(Node node) { network.nodes.push_back(std::move(node)); }
};

/// Returns the values of a tensor's codes less those of the parameter.
FloatTensor errorsOf(const StoredTensor& tensor, FloatTensor parameter) {
    for (std::size_t e = 0; e < parameter.values.size(); ++e) {
        float& value = parameter.values[e];
        value = tensor.format->decode(tensor.codes[e], e) - value;
    }
    return parameter;
}

/// Adds what the errors of a layer's weights make of its input, averaged over positions, and
/// returns its name.
std::string addErrorOf(const Node& layer, const FloatTensor& errors, Observer& observer) {
    const std::string name = "brownout.error." + std::to_string(observer.biases.size());
    const std::string weights = name + ".weights";
    observer.network.parameters[weights] = errors;
    Node error = layer;
    error.name = name;
    error.inputs = {layer.input(0), weights};
    error.outputs = {name};
    observer.add(error);
    std::string planes = name;
    if (layer.op == "Gemm") {
        // Rows of a product are positions: [positions, channels] becomes [1, channels, positions].
        planes = name + ".planes";
        observer.network.integers[name + ".axis"] = {{1}, {0}};
        observer.add({name + ".turned", "Transpose", {name}, {name + ".turned"}, {}});
        Node unsqueeze{planes, "Unsqueeze", {name + ".turned"}, {planes}, {}};
        if (observer.network.opset < 13) {
            unsqueeze.attributes["axes"] = std::vector<std::int64_t>{0};
        } else {
            unsqueeze.inputs.push_back(name + ".axis");
        }
        observer.add(unsqueeze);
    }
    observer.add({name + ".mean", "GlobalAveragePool", {planes}, {name + ".mean"}, {}});
    observer.add({name + ".flat", "Flatten", {name + ".mean"}, {name + ".flat"}, {}});
    return name + ".flat";
}

/// Returns the output channels of a convolution or Gemm with these weights.
std::size_t channelsOf(const Node& layer, const Shape& weights) {
    const bool byColumn = layer.op == "Gemm" && layer.intOr("transB", 0) == 0;
    return static_cast<std::size_t>(weights.at(byColumn ? 1 : 0));
}

Observer observerOf(const EncodedNetwork& network) {
    const Network& graph = network.graph();
    std::map<std::string, const StoredTensor*> stored;
    for (const StoredTensor& tensor : network.storedTensors()) stored[tensor.name] = &tensor;
    const Readers readers(graph);
    Observer observer;
    observer.network = graph;
    observer.network.fileCodes.clear();  // floats show errors that are smaller than a code
    Node joined{"brownout.errors", "Concat", {}, {"brownout.errors"}, {}};
    joined.attributes["axis"] = std::int64_t{1};
    for (const Node& node : graph.nodes) {
        const auto weights = stored.find(node.input(1));
        const auto bias = graph.parameters.find(node.input(2));
        if ((node.op != "Conv" && node.op != "Gemm") || weights == stored.end() ||
            bias == graph.parameters.end() || readers.of(bias->first) != 1 ||
            bias->second.values.size() != channelsOf(node, weights->second->shape) ||
            node.floatOr("beta", 1.0F) != 1.0F) {
            continue;
        }
        if (stored.count(bias->first) != 0) {
            throw Error(graph.place(node),
                        "its bias is stored as codes; bias correction expects --store weights");
        }
        const FloatTensor errors = errorsOf(*weights->second, graph.parameters.at(weights->first));
        joined.inputs.push_back(addErrorOf(node, errors, observer));
        observer.biases.push_back(bias->first);
    }
    if (observer.biases.empty()) {
        throw Error(graph.file, "has no layer with a bias of its own: there is nothing to correct");
    }
    observer.add(joined);
    observer.network.outputs = {{joined.name, {}}};
    removeUnread(observer.network);
    return observer;
}

}  // namespace

EncodedNetwork biasCorrected(const EncodedNetwork& network, const Dataset& data,
                             std::size_t images) {
    const Observer observer = observerOf(network);
    const auto engine = makeEngine(observer.network, {EngineOutputs::kOwn});
    const std::size_t count = std::min(images, data.size());
    std::vector<double> means(engine->outputs());
    std::vector<float> pixels(kBatch * engine->imageElements());
    std::vector<float> errors(kBatch * means.size());
    for (std::size_t first = 0; first < count; first += kBatch) {
        const std::size_t batch = std::min(kBatch, count - first);
        data.read(first, batch, pixels.data());
        engine->run(pixels.data(), batch, errors.data());
        for (std::size_t i = 0; i < batch * means.size(); ++i) {
            means[i % means.size()] += errors[i] / static_cast<double>(count);
        }
    }
    if (!std::all_of(means.begin(), means.end(), [](double mean) { return std::isfinite(mean); })) {
        throw Error(network.graph().file, "weights as " + network.format().name() +
                                              " are not finite: biases can't make up for that");
    }
    std::map<std::string, FloatTensor> corrected;
    auto mean = means.begin();
    for (const std::string& name : observer.biases) {
        FloatTensor bias = network.graph().parameters.at(name);
        for (float& value : bias.values) value = static_cast<float>(value - *mean++);
        corrected[name] = bias;
    }
    return network.withUnstored(corrected, "biases corrected on " + std::to_string(count) +
                                               " images of " + data.fingerprint());
}

}  // namespace brownout
