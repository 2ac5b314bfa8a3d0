#include "inference/graph/final_argmax.h"

#include <set>
#include <unordered_map>

#include "inference/graph/node_order.h"

namespace brownout {

void removeFinalArgMax(Network& network) {
    static const std::set<std::string> kAfter = {"Identity", "Cast",    "Reshape",
                                                 "Squeeze",  "Flatten", "Unsqueeze"};
    if (network.outputs.size() != 1) return;
    std::unordered_map<std::string, const Node*> makers;
    for (const Node& node : network.nodes) {
        for (const std::string& name : node.outputs) makers[name] = &node;
    }
    auto maker = makers.find(network.outputs[0].name);
    while (maker != makers.end() && kAfter.count(maker->second->op) != 0) {
        maker = makers.find(maker->second->input(0));
    }
    if (maker == makers.end() || maker->second->op != "ArgMax") return;
    network.outputs[0] = Port{maker->second->input(0), {}, false, false};
    removeUnread(network);
}

}  // namespace brownout
