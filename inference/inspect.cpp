#include "inference/inspect.h"

#include <map>
#include <set>

#include "inference/dataset.h"
#include "inference/float_engine.h"
#include "inference/plan.h"

namespace brownout {

namespace {

bool onlyPrepares(const std::string& op) {
    static const std::set<std::string> kPreparing = {"Constant", "Shape", "Size",
                                                     "ConstantOfShape"};
    return kPreparing.count(op) != 0;
}

}  // namespace

NetworkInfo inspect(const EncodedNetwork& network) {
    const Model& model = network.model();
    const Plan plan = makePlan(model, singleImageShapes(model), kernels::kScalar);
    const NetworkInterface interface = interfaceOf(model);
    std::map<std::string, const StoredTensor*> stored;
    for (const StoredTensor& tensor : network.storedTensors()) {
        stored[tensor.name] = &tensor;
    }
    NetworkInfo info;
    info.file = model.file;
    info.name = model.name;
    info.producer = model.producer;
    info.opset = model.opset;
    info.imageShape = interface.imageShape;
    info.classes = interface.classes;
    std::set<std::string> counted;
    for (std::size_t n = 0; n < model.nodes.size(); ++n) {
        LayerInfo layer;
        layer.name = model.nodes[n].name;
        layer.op = model.nodes[n].op;
        const Shape& output = plan.costs.at(n).output;
        layer.outputShape = output;
        if (!output.empty() && output[0] == 1) {
            layer.outputShape.erase(layer.outputShape.begin());
        }
        layer.macs = plan.costs[n].macs;
        for (const std::string& input : model.nodes[n].inputs) {
            auto parameter = model.parameters.find(input);
            if (parameter == model.parameters.end() || !counted.insert(input).second) {
                continue;
            }
            layer.parameters += parameter->second.values.size();
            auto tensor = stored.find(input);
            if (tensor != stored.end()) {
                layer.storedCodes += tensor->second->codes.size();
                layer.storedBits += tensor->second->codes.size() * tensor->second->bits;
            }
        }
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
