#pragma once

#include "base/layer_shape.h"
#include "model/accelerator/accelerator.h"

namespace brownout::test {

/// Returns a matrix product of `positions` x `depth` with `depth` x `filters`.
inline ProductShape matrix(std::uint64_t positions, std::uint64_t depth, std::uint64_t filters) {
    ProductShape product;
    product.channels = depth;
    product.filters = filters;
    product.in[2] = product.out[2] = positions;
    return product;
}

/// Returns a convolution over squares; `channels` and `filters` are those of a group.
inline ProductShape square(std::uint64_t in, std::uint64_t channels, std::uint64_t filters,
                           std::uint64_t kernel, std::uint64_t stride, std::uint64_t padding,
                           std::uint64_t groups = 1) {
    ProductShape product;
    product.groups = groups;
    product.channels = channels;
    product.filters = filters;
    for (const std::size_t axis : {1, 2}) {
        product.in[axis] = in;
        product.kernel[axis] = kernel;
        product.stride[axis] = stride;
        product.padding[axis] = padding;
        product.out[axis] = (in + 2 * padding - kernel) / stride + 1;
    }
    return product;
}

/// The five convolutions of AlexNet, as in the original with two groups.
inline std::vector<ProductShape> alexNet() {
    return {square(227, 3, 96, 11, 4, 0), square(27, 48, 128, 5, 1, 2, 2),
            square(13, 256, 384, 3, 1, 1), square(13, 192, 192, 3, 1, 1, 2),
            square(13, 192, 128, 3, 1, 1, 2)};
}

/// Returns a chain of products, each of which reads an input of its own size.
inline NetworkShape chainOf(const std::vector<ProductShape>& products) {
    NetworkShape network;
    for (const ProductShape& product : products) {
        LayerShape layer;
        layer.name = "layer" + std::to_string(network.layers.size() + 1);
        layer.op = "Conv";
        layer.products = {product};
        network.tensors.push_back(product.images * product.groups * product.channels *
                                  product.in[0] * product.in[1] * product.in[2]);
        network.images.push_back(network.tensors.size() - 1);
        layer.inputs = {network.tensors.size() - 1};
        network.tensors.push_back(product.outputs());
        network.results.push_back(network.tensors.size() - 1);
        layer.outputs = {network.tensors.size() - 1};
        network.layers.push_back(layer);
    }
    return network;
}

inline ComputeArray arrayOf(std::uint32_t rows, std::uint32_t columns, Dataflow dataflow) {
    ComputeArray array;
    array.rows = rows;
    array.columns = columns;
    array.dataflow = dataflow;
    array.clock = {{1, 1e9}};
    return array;
}

/// Room for everything.
constexpr std::uint64_t kAmple = std::uint64_t{1} << 50;

}  // namespace brownout::test
