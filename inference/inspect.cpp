#include "inference/inspect.h"

#include <map>
#include <set>

#include "inference/data/dataset.h"
#include "inference/graph/integer_regions.h"
#include "inference/plan/plan.h"

namespace brownout {

namespace {

bool onlyPrepares(const std::string& op) {
    static const std::set<std::string> kPreparing = {"Constant", "Shape", "Size",
                                                     "ConstantOfShape"};
    return kPreparing.count(op) != 0;
}

/// Returns the names of the nodes that an engine computes in integers.
std::set<std::string> integerNodes(const EncodedNetwork& network) {
    std::set<std::string> names;
    for (const Node& node : withIntegerRegions(network.graph(), &network).nodes) {
        if (isIntegerOperator(node.op)) names.insert(node.name);
    }
    return names;
}

}  // namespace

NetworkInfo inspect(const EncodedNetwork& network) {
    const Network& graph = network.graph();
    const Plan plan = makePlan(graph, singleImageShapes(graph), kernels::kScalar);
    const NetworkInterface interface = interfaceOf(graph);
    std::map<std::string, const StoredTensor*> stored;
    for (const StoredTensor& tensor : network.storedTensors()) {
        stored[tensor.name] = &tensor;
    }
    NetworkInfo info;
    info.file = graph.file;
    info.name = graph.name;
    info.producer = graph.producer;
    info.opset = graph.opset;
    info.imageShape = interface.imageShape;
    info.classes = interface.classes;
    std::set<std::string> counted;
    const std::set<std::string> integers = integerNodes(network);
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
        LayerInfo layer;
        layer.node = n;
        layer.name = graph.nodes[n].name;
        layer.op = graph.nodes[n].op;
        const Shape& output = plan.costs.at(n).output;
        layer.outputShape = output;
        if (!output.empty() && output[0] == 1) {
            layer.outputShape.erase(layer.outputShape.begin());
        }
        layer.macs = plan.costs[n].macs;
        for (const std::string& input : graph.nodes[n].inputs) {
            auto parameter = graph.parameters.find(input);
            if (parameter == graph.parameters.end() || !counted.insert(input).second) {
                continue;
            }
            layer.parameters += parameter->second.values.size();
            auto tensor = stored.find(input);
            if (tensor != stored.end()) {
                layer.storedCodes += tensor->second->codes.size();
                layer.storedBits += tensor->second->codes.size() * tensor->second->bits;
            }
        }
        layer.integers = integers.count(layer.name) != 0;
        if (layer.integers) info.integerMacs += layer.macs;
        info.parameters += layer.parameters;
        info.macs += layer.macs;
        info.storedCodes += layer.storedCodes;
        info.storedBits += layer.storedBits;
        if (!onlyPrepares(layer.op)) {
            info.layers.push_back(std::move(layer));
        }
    }
    return info;
}

}  // namespace brownout
