#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace brownout {

/// The sizes of a convolution, or of a matrix product, which is one with a kernel of one element.
///
/// Three axes as in ONNX: depth, height, width; those that a product doesn't have are 1. As a
/// matrix product each group multiplies positions() x depth() activations with depth() x filters
/// weights.
struct ProductShape {
    using Sizes = std::array<std::uint64_t, 3>;

    std::uint64_t images = 1;    ///< inputs that the same weights are applied to
    std::uint64_t groups = 1;    ///< products of their own channels and weights, side by side
    std::uint64_t channels = 1;  ///< input channels of a group
    std::uint64_t filters = 1;   ///< output channels of a group
    Sizes in{1, 1, 1}, out{1, 1, 1}, kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1};
    Sizes padding{0, 0, 0};    ///< zeros before the first element of each axis
    bool fixedWeights = true;  ///< false where the weights are activations, too (attention)

    std::uint64_t outPlane() const { return out[0] * out[1] * out[2]; }
    std::uint64_t kernelSize() const { return kernel[0] * kernel[1] * kernel[2]; }
    /// Returns the output elements of a filter, for all images.
    std::uint64_t positions() const { return images * outPlane(); }
    /// Returns the products that are summed for an output.
    std::uint64_t depth() const { return channels * kernelSize(); }
    std::uint64_t macs() const { return groups * positions() * depth() * filters; }
    std::uint64_t weights() const { return groups * depth() * filters; }
    std::uint64_t outputs() const { return groups * positions() * filters; }
};

/// One operation of a network, for one image, as a memory sees it.
struct LayerShape {
    std::string name, op;
    std::vector<ProductShape> products;  ///< empty for a layer that is no product
    std::vector<std::size_t> inputs;     ///< tensors of activations that it reads, each once
    std::vector<std::size_t> outputs;    ///< tensors of activations that it makes
    std::uint32_t passes = 1;            ///< times that it reads its inputs (without products)
    bool moves = true;  ///< false where the result is the input under another name (Reshape)
    std::uint32_t weightBits = 8;     ///< bits of a weight of its products
    std::uint64_t parameters = 0;     ///< stored values beside the weights of its products
    std::uint64_t parameterBits = 0;  ///< bits of all of these
};

/// The layers of a network in the order in which they run, and the sizes of the tensors between
/// them, for one image.
struct NetworkShape {
    std::vector<std::uint64_t> tensors;  ///< elements of each tensor of activations
    std::vector<LayerShape> layers;
    std::vector<std::size_t> images;   ///< tensors that come from outside
    std::vector<std::size_t> results;  ///< tensors that leave the network
};

}  // namespace brownout
