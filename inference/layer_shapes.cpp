#include "inference/layer_shapes.h"

#include <map>
#include <set>

#include "inference/plan/plan.h"

namespace brownout {
namespace {

/// Returns how often an operator reads its inputs: twice where statistics come first.
std::uint32_t passesOf(const std::string& op) {
    static const std::set<std::string> kTwice = {"InstanceNormalization",
                                                 "LayerNormalization",
                                                 "GroupNormalization",
                                                 "RMSNormalization",
                                                 "MeanVarianceNormalization",
                                                 "LpNormalization",
                                                 "Softmax",
                                                 "LogSoftmax"};
    return kTwice.count(op) != 0 ? 2 : 1;
}

/// The maker of a NetworkShape, node by node.
class ShapeReader {
 public:
    ShapeReader(const Network& network, const StorageSettings& storage, const Plan& plan)
        : network_(network), plan_(plan), formatBits_(storage.format->bits()) {
        for (StoredTensor& tensor : tensorsToStore(network, *storage.format, storage.store)) {
            std::string name = tensor.name;
            stored_.emplace(std::move(name), std::move(tensor));
        }
    }

    NetworkShape read() {
        const Network& graph = network_;
        for (const Plan::Endpoint& input : plan_.inputs) {
            shape_.images.push_back(addTensor(input.name, elementCount(input.shape)));
        }
        for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
            readNode(graph.nodes[n], plan_.costs.at(n));
        }
        for (const Port& output : graph.outputs) {
            const auto made = tensors_.find(output.name);
            if (made != tensors_.end()) shape_.results.push_back(made->second);
        }
        return std::move(shape_);
    }

 private:
    std::size_t addTensor(const std::string& name, std::size_t elements) {
        shape_.tensors.push_back(elements);
        tensors_[name] = shape_.tensors.size() - 1;
        return shape_.tensors.size() - 1;
    }

    void readNode(const Node& node, const Plan::NodeCost& cost) {
        LayerShape layer;
        layer.name = node.name;
        layer.op = node.op;
        readParameters(node, layer, cost);
        if (!cost.activation) {
            // Arithmetic on parameters alone: they are read, and the result isn't stored.
            if (layer.parameters > 0) shape_.layers.push_back(layer);
            return;
        }
        layer.products = cost.products;
        layer.moves = !onlyRenames(node.op);
        layer.passes = passesOf(node.op);
        std::set<std::string> read;
        for (const std::string& input : node.inputs) {
            const auto tensor = tensors_.find(input);
            if (tensor != tensors_.end() && read.insert(input).second) {
                layer.inputs.push_back(tensor->second);
            }
        }
        for (std::size_t i = 0; i < node.outputs.size(); ++i) {
            if (node.outputs[i].empty() || cost.outputElements.at(i) == 0) continue;
            layer.outputs.push_back(addTensor(node.outputs[i], cost.outputElements[i]));
        }
        shape_.layers.push_back(std::move(layer));
    }

    /// Counts the stored tensors that a node is the first to read: the weights of products by their
    /// bits, everything else by its values.
    void readParameters(const Node& node, LayerShape& layer, const Plan::NodeCost& cost) {
        layer.weightBits = formatBits_;
        for (const std::string& input : node.inputs) {
            const auto found = stored_.find(input);
            if (found == stored_.end()) continue;
            const StoredTensor& tensor = found->second;
            if (tensor.role == TensorRole::kWeight) {
                const bool multiplies = !cost.products.empty() && cost.activation;
                if (multiplies) layer.weightBits = tensor.bits;
                // Otherwise a transposition or the like: the product behind it counts the weights.
            } else if (counted_.insert(input).second) {
                const std::size_t values = elementCount(tensor.shape);
                layer.parameters += values;
                layer.parameterBits += values * tensor.bits;
            }
        }
    }

    const Network& network_;
    const Plan& plan_;
    std::uint32_t formatBits_;
    std::map<std::string, StoredTensor> stored_;
    std::map<std::string, std::size_t> tensors_;
    std::set<std::string> counted_;
    NetworkShape shape_;
};

}  // namespace

bool onlyRenames(const std::string& op) {
    static const std::set<std::string> kRenaming = {
        "Reshape",  "Flatten",      "Squeeze",        "Unsqueeze",        "Identity",
        "Dropout",  "Cast",         "QuantizeLinear", "DequantizeLinear", "Quant",
        "IntQuant", "BipolarQuant", "CastLike"};
    return kRenaming.count(op) != 0;
}

NetworkShape layerShapesOf(const Network& network, const StorageSettings& storage) {
    const Plan plan = makePlan(network, singleImageShapes(network), kernels::kScalar);
    return ShapeReader(network, storage, plan).read();
}

}  // namespace brownout
