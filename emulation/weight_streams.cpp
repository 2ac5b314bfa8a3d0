#include "emulation/weight_streams.h"

#include <algorithm>

#include "model/accelerator/weight_order.h"

namespace brownout {
namespace {

using Order = std::vector<std::uint32_t>;

/// The numbering of the elements of a tensor of weights.
struct WeightLayout {
    std::uint64_t groups = 1, filters = 1, depth = 1;  ///< filters and depth of a group
    bool depthFirst = false;  ///< element k * filters + n, else n * depth + k
};

/// Returns the layout of a tensor of weights of a node; nothing where it is none of the usual ones.
std::optional<WeightLayout> layoutOf(const Node& node, const StoredTensor& tensor) {
    if (tensor.role != TensorRole::kWeight || tensor.shape.size() < 2) return std::nullopt;
    const auto size = [&](std::size_t axis) {
        return static_cast<std::uint64_t>(tensor.shape[axis]);
    };
    const std::uint64_t all = elementCount(tensor.shape);
    WeightLayout layout;
    if (node.op == "Conv") {
        layout.groups = static_cast<std::uint64_t>(node.intOr("group", 1));
        if (layout.groups == 0 || size(0) % layout.groups != 0) return std::nullopt;
        layout.filters = size(0) / layout.groups;
        layout.depth = all / size(0);
        return layout;
    }
    if (tensor.shape.size() != 2 || node.input(1) != tensor.name) return std::nullopt;
    const bool filtersFirst = node.op == "Gemm" && node.intOr("transB", 0) != 0;
    if (!filtersFirst && node.op != "Gemm" && node.op != "MatMul") return std::nullopt;
    layout.filters = size(filtersFirst ? 0 : 1);
    layout.depth = size(filtersFirst ? 1 : 0);
    layout.depthFirst = !filtersFirst;
    return layout;
}

Order orderOf(const WeightLayout& layout, const WeightBlocks& blocks) {
    const Order group = weightOrder(blocks, layout.depth, layout.filters);
    Order order;
    order.reserve(layout.groups * group.size());
    for (std::uint64_t g = 0; g < layout.groups; ++g) {
        const std::uint64_t first = g * layout.filters * layout.depth;
        for (const std::uint32_t weight : group) {
            std::uint64_t element = weight;
            if (layout.depthFirst) {
                element = weight % layout.depth * layout.filters + weight / layout.depth;
            }
            order.push_back(static_cast<std::uint32_t>(first + element));
        }
    }
    return order;
}

}  // namespace

std::vector<std::shared_ptr<const std::vector<std::uint32_t>>> streamOrders(
    const Account& account, const EncodedNetwork& network) {
    std::vector<std::shared_ptr<const Order>> orders;
    const std::vector<Node>& nodes = network.graph().nodes;
    for (const StoredTensor& tensor : network.storedTensors()) {
        orders.push_back(nullptr);
        const auto node = std::find_if(nodes.begin(), nodes.end(), [&](const Node& other) {
            return other.name == tensor.node && std::find(other.inputs.begin(), other.inputs.end(),
                                                          tensor.name) != other.inputs.end();
        });
        const auto layer = std::find_if(
            account.layers.begin(), account.layers.end(),
            [&](const LayerUse& use) { return use.name == tensor.node && use.macs > 0; });
        if (node == nodes.end() || layer == account.layers.end()) continue;
        if (const auto layout = layoutOf(*node, tensor)) {
            orders.back() = std::make_shared<const Order>(orderOf(*layout, layer->blocks));
        }
    }
    return orders;
}

}  // namespace brownout
