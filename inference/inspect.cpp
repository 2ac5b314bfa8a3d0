#include "inference/inspect.h"

#include <map>
#include <set>

#include "inference/data/dataset.h"
#include "inference/graph/bit_regions.h"
#include "inference/graph/integer_regions.h"
#include "inference/plan/plan.h"

namespace brownout {

namespace {

bool onlyPrepares(const std::string& op) {
    static const std::set<std::string> kPreparing = {"Constant", "Shape", "Size",
                                                     "ConstantOfShape"};
    return kPreparing.count(op) != 0;
}

/// Returns the names of the nodes that an engine computes in integers, or with bits.
std::map<std::string, bool> integerNodes(const EncodedNetwork& network) {
    std::map<std::string, bool> names;
    const Network integers = withIntegerRegions(network.graph(), &network);
    for (const Node& node : withBitRegions(integers, &network).nodes) {
        if (isIntegerOperator(node.op)) names.emplace(node.name, false);
        if (isBitOperator(node.op)) names.emplace(node.name, true);
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
    const std::map<std::string, bool> integers = integerNodes(network);
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
        const auto whole = integers.find(layer.name);
        layer.bits = whole != integers.end() && whole->second;
        layer.integers = whole != integers.end() && !whole->second;
        if (whole != integers.end()) info.integerMacs += layer.macs;
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
