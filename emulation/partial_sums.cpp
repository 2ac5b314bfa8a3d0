#include "emulation/partial_sums.h"

#include <algorithm>

#include "base/error.h"
#include "inference/layer_shapes.h"
#include "model/accelerator/account.h"

namespace brownout {
namespace {

constexpr std::uint32_t kFloatBits = 32;

/// Tells whether a node is a product of activations and weights whose sums can be followed.
bool isFollowed(const Node& node, const LayerShape& layer) {
    if (layer.products.size() != 1 || !layer.products.front().fixedWeights) return false;
    if (node.op == "Gemm") return node.intOr("transA", 0) == 0;
    return node.op == "Conv" || node.op == "MatMul";
}

/// Returns the steps of the weights of each filter, counted over all groups, one if they are equal;
/// none for weights that aren't stored or are floats.
std::vector<double> weightSteps(const EncodedNetwork& network, const Node& node,
                                const ProductShape& product) {
    const auto& tensors = network.storedTensors();
    const auto found =
        std::find_if(tensors.begin(), tensors.end(),
                     [&](const StoredTensor& tensor) { return tensor.name == node.input(1); });
    if (found == tensors.end()) return {};
    const bool filtersFirst = node.op == "Conv" || node.intOr("transB", 0) != 0;
    const std::uint64_t stride = filtersFirst ? product.depth() : 1;
    std::vector<double> steps;
    for (std::uint64_t filter = 0; filter < product.groups * product.filters; ++filter) {
        const auto step = found->format->step(filter * stride);
        if (!step) return {};
        steps.push_back(*step);
    }
    if (std::count(steps.begin(), steps.end(), steps[0]) ==
        static_cast<std::ptrdiff_t>(steps.size())) {
        steps.resize(1);
    }
    return steps;
}

/// Returns the sums of a product whose weights come to the array in these blocks.
StoredSum sumOf(const Accelerator& accelerator, const ProductShape& product,
                const WeightBlocks& blocks) {
    StoredSum sum;
    sum.groups = product.groups;
    sum.positions = product.positions();
    sum.filters = product.filters;
    sum.depth = product.depth();
    // Without registers every multiply-accumulate goes to the memory.
    const std::uint64_t fold = accelerator.array.registers ? blocks.depth : 1;
    sum.foldDepth = std::clamp<std::uint64_t>(fold, 1, sum.depth);
    const std::uint64_t tile =
        blocks.filtersOutside ? blocks.filters * blocks.tile : product.filters;
    sum.tile = std::clamp<std::uint64_t>(tile, 1, sum.filters);
    return sum;
}

}  // namespace

StoredSums sumsToStore(const Accelerator& accelerator, const EncodedNetwork& network,
                       const StoredActivations& activations, std::vector<std::string>& others) {
    const Network& graph = network.graph();
    const NetworkShape shapes =
        layerShapesOf(graph, {numberFormat(network.format().name()), network.scope()});
    const Account account = accountOf(accelerator, shapes);
    StoredSums sums;
    for (std::size_t l = 0; l < shapes.layers.size(); ++l) {
        const LayerShape& layer = shapes.layers[l];
        if (layer.products.empty()) continue;
        const auto node = std::find_if(
            graph.nodes.begin(), graph.nodes.end(),
            [&](const Node& other) { return other.name == layer.name && other.op == layer.op; });
        if (node == graph.nodes.end() || !isFollowed(*node, layer)) {
            others.push_back(layer.name);
            continue;
        }
        const ProductShape& product = layer.products.front();
        StoredSum sum = sumOf(accelerator, product, account.layers[l].blocks);
        sum.value = node->outputs.at(0);
        sum.bits = accelerator.accumulatorBits;
        sum.firstTensor = sums.tensors();
        if (const auto inputStep = activations.stepOf(graph, node->input(0))) {
            for (const double step : weightSteps(network, *node, product)) {
                sum.steps.push_back(static_cast<float>(step * *inputStep));
            }
        }
        if (sum.isFloat() && sum.bits != kFloatBits) {
            throw Error("layer '" + layer.name + "'",
                        "has partial sums that are floats; accumulators of " +
                            std::to_string(sum.bits) + " bits hold whole numbers only");
        }
        sums.products.push_back(std::move(sum));
    }
    return sums;
}

}  // namespace brownout
