#include "model/accelerator/residency.h"

#include <algorithm>
#include <limits>

namespace brownout {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// The layers at which a tensor comes into being and is read last.
struct Life {
    std::size_t made = kNone, last = 0;
};

}  // namespace

Residency residencyOf(const NetworkShape& network, const std::vector<bool>& fusable,
                      std::uint64_t bits, std::uint64_t room) {
    const std::size_t layers = network.layers.size();
    const std::size_t tensors = network.tensors.size();
    Residency result;
    result.fused.assign(layers, false);
    result.stays.assign(tensors, false);
    result.isImage.assign(tensors, false);
    result.isResult.assign(tensors, false);
    result.held.assign(layers, 0);
    for (std::size_t t = 0; t < tensors; ++t) result.root.push_back(t);
    for (const std::size_t image : network.images) result.isImage[image] = true;

    std::vector<std::size_t> readers(tensors, 0);
    for (const LayerShape& layer : network.layers) {
        for (const std::size_t input : layer.inputs) ++readers[input];
    }
    for (const std::size_t tensor : network.results) ++readers[tensor];
    std::vector<bool> onItsWay(tensors, false);  // results that a product or fused layer makes
    for (std::size_t l = 0; l < layers; ++l) {
        const LayerShape& layer = network.layers[l];
        const bool single = layer.inputs.size() == 1 && layer.outputs.size() == 1;
        if (!layer.products.empty()) {
            for (const std::size_t output : layer.outputs) onItsWay[output] = true;
        } else if (single && !layer.moves) {
            result.root[layer.outputs[0]] = result.root[layer.inputs[0]];
            onItsWay[layer.outputs[0]] = onItsWay[layer.inputs[0]] && readers[layer.inputs[0]] == 1;
        } else if (single && fusable[l] && onItsWay[layer.inputs[0]] &&
                   readers[layer.inputs[0]] == 1 &&
                   network.tensors[layer.inputs[0]] == network.tensors[layer.outputs[0]]) {
            result.fused[l] = true;
            result.root[layer.outputs[0]] = result.root[layer.inputs[0]];
            onItsWay[layer.outputs[0]] = true;
        }
    }
    for (const std::size_t tensor : network.results) {
        result.isResult[result.root[tensor]] = true;
    }

    std::vector<Life> lives(tensors);
    std::vector<std::size_t> order;
    const auto live = [&](std::size_t tensor, std::size_t layer) {
        Life& life = lives[result.root[tensor]];
        if (life.made == kNone) {
            life.made = layer;
            order.push_back(result.root[tensor]);
        }
        life.last = std::max(life.last, layer);
    };
    for (std::size_t l = 0; l < layers; ++l) {
        for (const std::size_t input : network.layers[l].inputs) live(input, l);
        for (const std::size_t output : network.layers[l].outputs) live(output, l);
    }
    for (const std::size_t tensor : order) {
        const Life& life = lives[tensor];
        const std::uint64_t size = network.tensors[tensor] * bits;
        const auto first = result.held.begin() + static_cast<std::ptrdiff_t>(life.made);
        const auto last = result.held.begin() + static_cast<std::ptrdiff_t>(life.last) + 1;
        if (size > room || *std::max_element(first, last) > room - size) continue;
        result.stays[tensor] = true;
        std::for_each(first, last, [size](std::uint64_t& held) { held += size; });
    }
    return result;
}

}  // namespace brownout
